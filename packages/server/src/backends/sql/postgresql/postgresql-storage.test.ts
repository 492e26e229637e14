import { setTimeout } from "node:timers/promises";
import { familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sql } from "../fragment.ts";
import type { DatabaseSettings } from "../remote/database-settings.ts";
import { fold } from "../sqlite/database.ts";
import { connect } from "./connect.ts";
import { postgresql } from "./postgresql-dialect.ts";
import { parsePostgresqlUrl } from "./postgresql-settings.ts";
import { PostgresqlStorage } from "./postgresql-storage.ts";
import { TestPostgresql } from "./test-postgresql.ts";

let server: TestPostgresql;
let settings: DatabaseSettings;
beforeAll(async () => {
  server = await TestPostgresql.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  settings = server.newDatabase();
});

const hosts = familyOf("host");
const software = familyOf("auditSoftware");
const softwareOnClients = familyOf("auditSoftwareOnClient");

function object(hash: Record<string, unknown>): OpsiObject {
  const type = objectTypes.get(String(hash["type"]));
  if (!type) throw new Error(String(hash["type"]));
  return fromHash(type, hash);
}
const client = (id: string, more: Record<string, unknown> = {}) => object({ type: "OpsiClient", id, ...more });
const program = { version: "1", subVersion: "", language: "", architecture: "x64" };

test("texts are folded as in SQLite", async () => {
  await using storage = await PostgresqlStorage.open(settings);
  const characters = fc.constantFrom(..." \tabzABZ09_-.%äÄéÉßøçñÑωΩжЖй中😀ﬁ\u00a0\u0301\u0308");
  const texts = fc.sample(fc.string({ unit: characters, maxLength: 12 }), 2000);
  const connection = await connect(settings, settings.database);
  const rows = await connection.rows(
    sql`SELECT value, opsi_fold(value) FROM json_array_elements_text(CAST(${JSON.stringify(texts)} AS json))`,
  );
  await connection.close();
  expect(rows).toHaveLength(2000);
  for (const [text, folded] of rows) expect([text, folded]).toEqual([text, fold(text)]);
  await storage.write(hosts, [client("pc1.example.org", { notes: "Büro  " })], "insert");
  for (const notes of ["BURO", "b*O", "büro ", ">BURN"]) {
    expect(await storage.count(hosts, { filter: { notes } }), notes).toBe(1);
  }
});

test("keys are the same whatever their case and accents, also where they refer to each other", async () => {
  await using storage = await PostgresqlStorage.open(settings);
  await storage.write(hosts, [client("pc1.example.org")], "insert");
  await storage.write(software, [object({ type: "AuditSoftware", name: "Café", ...program })], "insert");
  const on = object({ type: "AuditSoftwareOnClient", name: "CAFE", clientId: "pc1.example.org", ...program });
  await storage.write(softwareOnClients, [on], "insert");
  await storage.write(software, [object({ type: "AuditSoftware", name: "cafe", ...program })], "insert");
  expect(await storage.readIdents(software)).toMatchObject([{ name: "cafe" }]);
  // The spelling follows, as in the original's database.
  expect(await storage.readIdents(softwareOnClients)).toMatchObject([{ name: "cafe" }]);
});

test("objects come in the order of their keys, whatever was changed last", async () => {
  await using storage = await PostgresqlStorage.open(settings);
  const ids = ["a-1", "a1", "a2-b", "b-a", "b"].map((name) => `${name}.example.org`);
  await storage.write(
    hosts,
    ids.toReversed().map((id) => client(id)),
    "insert",
  );
  await storage.write(hosts, [client("a1.example.org", { notes: "changed" })], "update");
  expect((await storage.readIdents(hosts)).map(({ id }) => id)).toEqual(ids);
  expect((await storage.read(hosts)).map(({ id }) => id)).toEqual(ids);
});

test("a text with NUL is refused with the name of its attribute, and found nowhere", async () => {
  await using storage = await PostgresqlStorage.open(settings);
  const write = storage.write(hosts, [client("pc1.example.org", { notes: "a\0b" })], "insert");
  await expect(write).rejects.toMatchObject({
    class: "BackendBadValueError",
    field: "notes",
    message: expect.stringContaining("Value of 'notes' has the character NUL"),
  });
  const config = object({ type: "UnicodeConfig", id: "c", possibleValues: ["a\0b"], defaultValues: [] });
  await expect(storage.write(familyOf("config"), [config], "insert")).rejects.toMatchObject({ field: "value" });
  const values = ["a\0b"];
  const state = object({ type: "ConfigState", configId: "c", objectId: "pc1.example.org", values });
  await storage.write(familyOf("configState"), [state], "insert");
  expect(await storage.read(familyOf("configState"))).toMatchObject([{ values }]);
  const many = [...Array<string>(20).fill("a\0b"), "\ud83d"];
  for (const notes of ["a\0b", "*\0*", "\ud83d", many])
    expect(await storage.count(hosts, { filter: { notes } })).toBe(0);
});

test("values are bound by their type, and a question mark in a text or a name is none", async () => {
  const connection = await connect(server.settings("postgres"), "postgres");
  const statement = sql`SELECT '?' AS "a?", ${0.5}, ${7}, ${2 ** 40}, ${10n ** 20n}, ${null}, ${"it's ?"}, ${-7}`;
  expect(await connection.rows(statement)).toEqual([
    ["?", 0.5, 7, "1099511627776", `${10n ** 20n}`, null, "it's ?", -7],
  ]);
  await connection.close();
});

test("a number that a column cannot hold is refused with attribute and value", async () => {
  await using storage = await PostgresqlStorage.open(settings);
  const number = { type: "VolumeSoftwareLicense", id: "l", licenseContractId: "c", maxInstallations: 10 ** 12 };
  await expect(storage.write(familyOf("softwareLicense"), [object(number)], "insert")).rejects.toMatchObject({
    class: "BackendBadValueError",
    field: "maxInstallations",
    message: expect.stringContaining("out of range: 1000000000000, the nearest that is possible is 2147483647"),
  });
});

// A connection went back to the pool in the middle of a transaction that had failed.
test("a transaction whose beginning fails leaves a connection that can be used", async () => {
  await server.administer(async (connection) => {
    const failing = connection.transaction("BEGIN; SELECT 1 / 0", async () => {});
    await expect(failing).rejects.toMatchObject({ class: "BackendBadValueError" });
    expect(await connection.value(sql`SELECT ${1}`)).toBe(1);
  });
});

// A snapshot lost the rows that arrived while nobody had taken its last portion.
test("no row arrives while somebody is busy with one", async () => {
  await server.administer(async (connection) => {
    const rows: unknown[] = [];
    let busy = false;
    await connection.each(sql`SELECT generate_series(1, ${50_000})`, ([number]) => {
      rows.push(busy ? "too early" : number);
      if (rows.length % 700 !== 0) return;
      busy = true;
      return setTimeout(1).then(() => {
        busy = false;
      });
    });
    expect(rows).toEqual(Array.from({ length: 50_000 }, (_, index) => index + 1));
  });
});

test("a start where nothing is missing waits for nobody", async () => {
  await using storage = await PostgresqlStorage.open(settings);
  await storage.transaction(async (store) => {
    await store.write(hosts, [client("pc1.example.org")], "insert");
    await (await PostgresqlStorage.open(settings))[Symbol.asyncDispose]();
  });
  expect(await storage.count(hosts)).toBe(1);
});

test("names that are longer than the database's stay different", () => {
  const long = (end: string) => postgresql.quote(`index_HARDWARE_DEVICE_${"ä".repeat(30)}_${end}`);
  expect(new Set([long("a"), long("b"), long("a")]).size).toBe(2);
  expect(Buffer.byteLength(long("a"))).toBeLessThanOrEqual(63 + '""'.length);
  expect(postgresql.quote('a"b')).toBe('"a""b"');
});

test("a database that cannot hold all characters is refused", async () => {
  const name = settings.database;
  await server.administer((connection) =>
    connection.execute(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1'`),
  );
  await expect(PostgresqlStorage.open(settings)).rejects.toMatchObject({
    class: "BackendConfigurationError",
    message: expect.stringContaining("The database has the encoding LATIN1, UTF8 was expected"),
  });
});

test("after an upgrade that sorts differently the indexes are made anew", async () => {
  await (await PostgresqlStorage.open(settings))[Symbol.asyncDispose]();
  const files = sql`SELECT relfilenode FROM pg_class WHERE relname = 'HOST_pkey'`;
  const version = sql`SELECT collversion FROM pg_collation WHERE collname = 'opsi_text'`;
  await server.administer(async (connection) => {
    const [file, now] = [await connection.value(files), await connection.value(version)];
    const reopen = async () => (await PostgresqlStorage.open(settings))[Symbol.asyncDispose]();
    await reopen();
    expect(await connection.value(files)).toBe(file);
    await connection.execute("UPDATE pg_collation SET collversion = '1.2.3' WHERE collname = 'opsi_text'");
    await reopen();
    expect(await connection.value(files)).not.toBe(file);
    expect(await connection.value(version)).toBe(now);
  }, settings.database);
});

test("a wrong password is refused at once and not shown", async () => {
  const wrong = { ...settings, username: "nobody", password: "secret-word" };
  const refusal = await PostgresqlStorage.open(wrong).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ class: "BackendUnableToConnectError" });
  expect(String(refusal)).not.toContain("secret-word");
});

test("an address may name port, folder of the socket, and what else the file may say", () => {
  expect(parsePostgresqlUrl("postgresql://op%40si:pw@[::1]:5433/site?connectionPoolSize=5")).toMatchObject({
    ...{ address: "::1", port: 5433, database: "site", username: "op@si", password: "pw", connections: 15 },
  });
  expect(parsePostgresqlUrl("postgres://opsi@localhost/opsi?address=/run/postgresql&port=5434")).toMatchObject({
    ...{ address: "/run/postgresql", port: 5434, username: "opsi" },
  });
  expect(() => parsePostgresqlUrl("mysql://opsi:secret-word@h/opsi")).toThrow(
    "option postgresql-internal-url: postgresql://user:password@host/database was expected",
  );
});
