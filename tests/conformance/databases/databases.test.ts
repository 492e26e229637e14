import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MySqlStorage } from "../../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { type Corpus, openCorpus } from "../open-corpus.ts";
import { lines, type RecordedSite, readRecordedSite, readSite, writeSite } from "./recorded-site.ts";

let corpus: Corpus;
let server: TestMariaDb;

beforeAll(async () => {
  [corpus, server] = await Promise.all([openCorpus("databases"), TestMariaDb.start()]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await corpus[Symbol.asyncDispose]();
});

const recorded = (...path: readonly string[]) => join(corpus.directory, ...path);

/** A database into which a dump was loaded. */
async function loaded(...path: readonly string[]) {
  const settings = server.newDatabase();
  // Tables stand in the order of their names, whatever refers to what.
  const statements = await readFile(recorded(...path), "utf8");
  await server.execute(settings.database, `SET foreign_key_checks = 0; ${statements}`);
  return settings;
}

test("a database of the original 4.3 reads as the original reads it", async () => {
  const settings = await loaded("mysql-4.3", "site.sql");
  const schema = await server.describe(settings.database);
  await using storage = await MySqlStorage.open(settings);
  const wanted = await readRecordedSite(recorded("mysql-4.3", "site.json"));
  expect(lines(await readSite(storage, Object.keys(wanted)))).toEqual(lines(wanted));
  expect(await server.describe(settings.database)).toEqual(schema);
});

test("a new database has the original's schema", async () => {
  const settings = server.newDatabase();
  await using _storage = await MySqlStorage.open(settings);
  const original = await loaded("mysql-4.3", "schema.sql");
  const wanted = await server.describe(original.database);
  expect(wanted.columns.length).toBeGreaterThan(500);
  expect(await server.describe(settings.database)).toEqual(wanted);
});

test("what is written into a new database reads as it was", async () => {
  await using storage = await MySqlStorage.open(server.newDatabase());
  const wanted = await readRecordedSite(recorded("mysql-4.3", "site.json"));
  await writeSite(storage, wanted, "restore");
  expect(lines(await readSite(storage, Object.keys(wanted)))).toEqual(lines(wanted));
});

/** The original deletes users who never logged in, and assignments to depots that are gone. */
const isKept = ({ configId, lastLogin }: Record<string, unknown>) =>
  configId === "clientconfig.depot.id" || lastLogin === null;

const withoutKept = (site: RecordedSite): RecordedSite =>
  Object.fromEntries(Object.entries(site).map(([type, objects]) => [type, objects.filter((one) => !isKept(one))]));

test("a start cleans up what older versions and other programs left over", async () => {
  const settings = await loaded("mysql-4.3", "cleanup.sql");
  await using storage = await MySqlStorage.open(settings);
  const wanted = await readRecordedSite(recorded("mysql-4.3", "cleanup-after.json"));
  const found = await readSite(storage, Object.keys(wanted));
  expect(lines(withoutTouched(withoutKept(found)))).toEqual(lines(withoutTouched(withoutKept(wanted))));
  expect(found["User"]).toHaveLength(4);
});

/** The clean-up fills in the version of this product, and the row then has the time of that. */
const isTouched = ({ productId, clientId }: Record<string, unknown>) =>
  productId === "zoom.client" && clientId === "lehrer-01.schule-am-see.example";

const withoutTouched = (site: RecordedSite): RecordedSite => ({
  ...site,
  ProductOnClient: (site["ProductOnClient"] ?? []).map((object) =>
    isTouched(object) ? { ...object, modificationTime: null } : object,
  ),
});

/** The original deletes the entries of all clients for software that is an orphan at one of them. */
const orphan = "x.sub.domain.schule-am-see.example";

test("a database of the original 4.2 is brought up to date as the original does it", async () => {
  const settings = await loaded("mysql-4.2", "site.sql");
  await using storage = await MySqlStorage.open(settings);
  const wanted = await readRecordedSite(recorded("mysql-4.2", "after.json"));
  const found = await readSite(storage, Object.keys(wanted));
  expect(lines({ ...found, AuditSoftwareOnClient: [] })).toEqual(lines({ ...wanted, AuditSoftwareOnClient: [] }));
  const before = await readRecordedSite(recorded("mysql-4.2", "before.json"));
  const known = (before["AuditSoftwareOnClient"] ?? []).filter(({ clientId }) => clientId !== orphan);
  const kept = lines({ kept: found["AuditSoftwareOnClient"] ?? [] });
  expect(kept).toEqual(lines({ kept: known }));
  for (const line of lines(wanted)["AuditSoftwareOnClient"] ?? []) expect(kept["kept"]).toContain(line);
});

/** Times that the original leaves as they are in a database of 4.2. */
const isLeft = ([table = "", column = ""]: readonly string[]) =>
  `${table}.${column}` === "PRODUCT_ON_CLIENT.modificationTime" || table === "OPSI_SCHEMA";

test("a database that was brought up to date has the columns and keys of a new one", async () => {
  const settings = await loaded("mysql-4.2", "site.sql");
  await using _storage = await MySqlStorage.open(settings);
  const fresh = server.newDatabase();
  await using _new = await MySqlStorage.open(fresh);
  const [found, wanted] = [await server.describe(settings.database), await server.describe(fresh.database)];
  expect(found.columns.filter((row) => !isLeft(row)).sort()).toEqual(
    wanted.columns.filter((row) => !isLeft(row)).sort(),
  );
  expect(found.foreignKeys).toEqual(wanted.foreignKeys);
  expect(found.tables).toEqual(wanted.tables);
  const withoutName = ([table, _name, ...key]: readonly string[]) => `${table} ${key}`;
  const keys = new Set(found.keys.map(withoutName));
  expect(wanted.keys.map(withoutName).filter((key) => !keys.has(key))).toEqual([]);
});

test("bringing a database up to date goes on after the database was killed", async () => {
  const settings = await loaded("mysql-4.2", "site.sql");
  const opening = MySqlStorage.open(settings);
  for (const milliseconds of [150, 300, 600]) {
    await setTimeout(milliseconds);
    await server.end("SIGKILL");
    await server.startAgain();
  }
  await using storage = await opening;
  const wanted = await readRecordedSite(recorded("mysql-4.2", "after.json"));
  const found = await readSite(storage, Object.keys(wanted));
  expect(lines({ ...found, AuditSoftwareOnClient: [] })).toEqual(lines({ ...wanted, AuditSoftwareOnClient: [] }));
});
