import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultHardwareTypes } from "@opsi-ts/model";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FileStorage } from "./file/file-storage.ts";
import { openStorage, type StorageSite } from "./open-storage.ts";
import { MySqlStorage } from "./sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "./sql/mysql/test-mariadb.ts";
import { PostgresqlStorage } from "./sql/postgresql/postgresql-storage.ts";
import { TestPostgresql } from "./sql/postgresql/test-postgresql.ts";
import { SqliteStorage } from "./sql/sqlite/sqlite-storage.ts";

let server: TestMariaDb;
let folder: string;
let site: StorageSite;
const problems: string[] = [];

beforeAll(async () => {
  server = await TestMariaDb.start();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "open-storage-"));
  site = {
    dispatch: join(folder, "dispatch.conf"),
    backends: folder,
    mysqlUrl: "",
    postgresqlUrl: "",
    state: folder,
    hostKeys: join(folder, "pckeys"),
    serverId: "opsi.example.org",
    hardware: defaultHardwareTypes,
    watch: null,
    onProblem: (message) => problems.push(message),
  };
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);

async function mysqlConf(): Promise<string> {
  const { address, database, username, password } = server.newDatabase();
  await write(
    "mysql.conf",
    `# -*- coding: utf-8 -*-\n\nmodule = 'MySQL'\nconfig = {\n    "address": u"${address}",\n    "database": "${database}",\n    "username": "${username}", "password": "${password}", # both\n}\n`,
  );
  return database;
}

test("a site that says nothing has an SQLite file", async () => {
  await using storage = await openStorage(site);
  expect(storage).toBeInstanceOf(SqliteStorage);
  expect(existsSync(join(folder, "opsi.sqlite"))).toBe(true);
});

test("a site with mysql.conf has its objects there, also when dispatch.conf says so", async () => {
  const database = await mysqlConf();
  await using without = await openStorage(site);
  expect(without).toBeInstanceOf(MySqlStorage);
  expect((await server.describe(database)).tables.map(([name]) => name)).toContain("HOST");
  await write("dispatch.conf", "backend_.* : mysql, opsipxeconfd, dhcpd\n.* : mysql\n");
  await using withIt = await openStorage(site);
  expect(withIt).toBeInstanceOf(MySqlStorage);
});

test("dispatch.conf counts where mysql.conf is left over", async () => {
  await mysqlConf();
  await write("dispatch.conf", ".* : sqlite\n");
  await using storage = await openStorage(site);
  expect(storage).toBeInstanceOf(SqliteStorage);
});

test("the address of the option counts before everything", async () => {
  await write("dispatch.conf", ".* : sqlite\n");
  const { address, database } = server.newDatabase();
  const mysqlUrl = `mysql+mysqldb://root@localhost/${database}?password=&address=${encodeURIComponent(address)}`;
  await using storage = await openStorage({ ...site, mysqlUrl });
  expect(storage).toBeInstanceOf(MySqlStorage);
  await expect(openStorage({ ...site, mysqlUrl: "postgres://root:secret-word@h/opsi" })).rejects.toThrow(
    "option mysql-internal-url: mysql://user:password@host/database was expected",
  );
});

test("a site with postgresql.conf has its objects there, also beside a mysql.conf", async () => {
  await using postgresql = await TestPostgresql.start();
  const { address, database, username } = postgresql.newDatabase();
  const config = JSON.stringify({ address, database, username, port: 5432 });
  await mysqlConf();
  await write("postgresql.conf", `module = 'PostgreSQL'\nconfig = ${config}\n`);
  await using byFile = await openStorage(site);
  expect(byFile).toBeInstanceOf(PostgresqlStorage);
  await write("dispatch.conf", ".* : postgresql\n");
  await using byDispatch = await openStorage(site);
  expect(byDispatch).toBeInstanceOf(PostgresqlStorage);
  await write("dispatch.conf", ".* : sqlite\n");
  const postgresqlUrl = `postgresql://${username}@localhost/${database}?address=${encodeURIComponent(address)}`;
  await using byOption = await openStorage({ ...site, postgresqlUrl });
  expect(byOption).toBeInstanceOf(PostgresqlStorage);
  await expect(openStorage({ ...site, postgresqlUrl, mysqlUrl: "mysql://opsi:secret-word@h/opsi" })).rejects.toThrow(
    "Both option mysql-internal-url and option postgresql-internal-url are set: one was expected",
  );
});

test("a site of 4.2 may have its objects in files", async () => {
  await write("dispatch.conf", "backend_.* : file, opsipxeconfd\n.* : file\n");
  await using storage = await openStorage(site);
  expect(storage).toBeInstanceOf(FileStorage);
});

test("a configuration that makes no sense is refused with file and place", async () => {
  await write("dispatch.conf", "backend_.* : file, mysql\n.* : mysql\n");
  await expect(openStorage(site)).rejects.toMatchObject({
    class: "BackendConfigurationError",
    message: expect.stringContaining(
      `Line 2 of ${site.dispatch} sends objects to 'mysql', but there is no ${join(folder, "mysql.conf")}`,
    ),
  });
  await write(
    "mysql.conf",
    "module = 'MySQL'\nconfig = {\n  'address': socket.gethostname(),\n  'password': 'geheim'\n}\n",
  );
  const refusal = await openStorage(site).catch((error: unknown) => error);
  expect(String(refusal)).toMatch(/mysql\.conf cannot be read: .*line 3/);
  expect(String(refusal)).not.toContain("geheim");
});
