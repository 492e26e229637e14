import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MySqlStorage } from "../../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { type Corpus, openCorpus } from "../open-corpus.ts";
import { lines, readRecordedSite, readSite, writeSite } from "./recorded-site.ts";

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
  expect(JSON.stringify(wanted)).toContain("index_host_lastSeen");
  expect(await server.describe(settings.database)).toEqual(wanted);
});

test("what is written into a new database reads as it was", async () => {
  await using storage = await MySqlStorage.open(server.newDatabase());
  const wanted = await readRecordedSite(recorded("mysql-4.3", "site.json"));
  await writeSite(storage, wanted, "restore");
  expect(lines(await readSite(storage, Object.keys(wanted)))).toEqual(lines(wanted));
});
