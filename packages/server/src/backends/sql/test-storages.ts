import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HardwareTypes } from "@opsi-ts/model";
import { TestSite } from "../dispatched/test-site.ts";
import type { Storage } from "../storage.ts";
import type { ChangeWatch } from "./change-watch.ts";
import { MySqlStorage } from "./mysql/mysql-storage.ts";
import { TestMariaDb } from "./mysql/test-mariadb.ts";
import { PostgresqlStorage } from "./postgresql/postgresql-storage.ts";
import { TestPostgresql } from "./postgresql/test-postgresql.ts";
import { SqliteStorage } from "./sqlite/sqlite-storage.ts";

/** A database that can be opened several times, for tests that hold for all of them. */
export interface TestDatabase extends AsyncDisposable {
  open(hardware?: HardwareTypes, watch?: ChangeWatch): Promise<Storage>;
}

/** Something that has databases. */
export interface TestDatabases extends AsyncDisposable {
  create(): Promise<TestDatabase>;
}

async function sqliteDatabases(): Promise<TestDatabases> {
  return {
    async create() {
      const folder = await mkdtemp(join(tmpdir(), "sqlite-storage-"));
      return {
        open: (hardware, watch) => SqliteStorage.open(join(folder, "opsi.sqlite"), hardware, watch),
        [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** What stands between the hardware and the watch. */
const ordinary = [() => {}, "full", async () => {}] as const;

async function mariaDatabases(): Promise<TestDatabases> {
  const server = await TestMariaDb.start();
  return {
    async create() {
      const settings = server.newDatabase();
      return {
        open: (hardware, watch) => MySqlStorage.open(settings, hardware, ...ordinary, watch),
        [Symbol.asyncDispose]: () => server.execute(settings.database, `DROP DATABASE ${settings.database}`),
      };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function postgresqlDatabases(): Promise<TestDatabases> {
  const server = await TestPostgresql.start();
  return {
    async create() {
      const settings = server.newDatabase();
      return {
        open: (hardware, watch) => PostgresqlStorage.open(settings, hardware, () => {}, watch),
        [Symbol.asyncDispose]: () => server.dropDatabase(settings.database),
      };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Hosts, configs, products and groups in one, what refers to them in the other. */
async function mixtures(): Promise<TestDatabases> {
  const server = await TestMariaDb.start();
  const dispatch = "(host|config|product|group|licenseContract)_.* : sqlite\n.* : mysql\n";
  return {
    async create() {
      const settings = server.newDatabase();
      const site = await TestSite.create(dispatch, settings);
      return {
        open: (hardware, watch) => site.open(hardware, watch),
        async [Symbol.asyncDispose]() {
          await site[Symbol.asyncDispose]();
          await server.execute(settings.database, `DROP DATABASE ${settings.database}`);
        },
      };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

type Named = readonly (readonly [name: string, start: () => Promise<TestDatabases>])[];

/** Every database of ours by its name. */
export const testDatabases: Named = [
  ["SQLite", sqliteDatabases],
  ["MariaDB", mariaDatabases],
  ["PostgreSQL", postgresqlDatabases],
];

/** The same, and two of them at once. */
export const testStorages: Named = [...testDatabases, ["SQLite and MariaDB", mixtures]];
