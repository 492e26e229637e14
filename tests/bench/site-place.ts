import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mysqlServer } from "../../packages/server/src/backends/sql/mysql/mysql-server.ts";
import { MySqlStorage } from "../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { postgresqlServer } from "../../packages/server/src/backends/sql/postgresql/postgresql-server.ts";
import { PostgresqlStorage } from "../../packages/server/src/backends/sql/postgresql/postgresql-storage.ts";
import { TestPostgresql } from "../../packages/server/src/backends/sql/postgresql/test-postgresql.ts";
import type { DatabaseSettings } from "../../packages/server/src/backends/sql/remote/database-settings.ts";
import type { TestServer } from "../../packages/server/src/backends/sql/remote/test-servers.ts";
import type { DatabaseServer } from "../../packages/server/src/backends/sql/remote/whole-database.ts";
import { SqliteStorage } from "../../packages/server/src/backends/sql/sqlite/sqlite-storage.ts";
import type { Storage } from "../../packages/server/src/backends/storage.ts";
import { type BenchSite, startSite } from "./site.ts";

/** A server of ours, and the database that it has its objects in. */
export interface SitePlace extends AsyncDisposable {
  readonly name: string;
  /** How near to a bare query a call should come. */
  readonly aim: number;
  readonly site: BenchSite;
  /** Opens the objects beside the server. */
  open(): Promise<Storage>;
  /** What a statement gives that goes to the database by itself. */
  rows(text: string, values: readonly string[]): Promise<unknown[]>;
}

/** Its queries run in our process, without any way to a database: a call over HTTPS cannot come near. */
export async function sqlitePlace(): Promise<SitePlace> {
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await startSite());
  const path = join(site.root, "var/lib/opsi/opsi.sqlite");
  const database = opening.adopt(new DatabaseSync(path, { readOnly: true }), (bare) => bare.close());
  const running = opening.move();
  return {
    ...{ name: "SQLite", aim: 0.1, site },
    open: () => SqliteStorage.open(path),
    rows: async (text, values) => database.prepare(text).all(...values),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

interface RemoteKind {
  readonly name: string;
  /** As in the file that names the database. */
  readonly module: string;
  readonly server: DatabaseServer;
  start(): Promise<TestServer>;
  open(settings: DatabaseSettings): Promise<Storage>;
}

const mariadb: RemoteKind = {
  ...{ name: "MariaDB", module: "MySQL", server: mysqlServer },
  start: () => TestMariaDb.start("--innodb-buffer-pool-size=512M"),
  open: (settings) => MySqlStorage.open(settings),
};

const postgresql: RemoteKind = {
  ...{ name: "PostgreSQL", module: "PostgreSQL", server: postgresqlServer },
  start: () => TestPostgresql.start(),
  open: (settings) => PostgresqlStorage.open(settings),
};

/** The objects in a database server of their own; its queries go over the same line as ours. */
async function remotePlace({ name, module, server, start, open }: RemoteKind): Promise<SitePlace> {
  await using opening = new AsyncDisposableStack();
  const databases = opening.use(await start());
  const settings = databases.newDatabase();
  const { address, database, username, password } = settings;
  const config = JSON.stringify({ address, database, username, password });
  const file = [`backends/${module.toLowerCase()}.conf`, `module = '${module}'\nconfig = ${config}\n`] as const;
  const site = opening.use(await startSite([], [file]));
  const connection = opening.adopt(await server.connect(settings, database), (bare) => bare.close());
  const running = opening.move();
  return {
    ...{ name, aim: 0.5, site },
    open: () => open(settings),
    rows: (text, parameters) => connection.rows({ text, parameters }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

export const mariadbPlace = () => remotePlace(mariadb);
export const postgresqlPlace = () => remotePlace(postgresql);
