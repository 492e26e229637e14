import { join } from "node:path";
import { connect as connectMySql } from "../mysql/connect.ts";
import { MySqlStorage } from "../mysql/mysql-storage.ts";
import { TestMariaDb } from "../mysql/test-mariadb.ts";
import { connect as connectPostgresql } from "../postgresql/connect.ts";
import { PostgresqlStorage } from "../postgresql/postgresql-storage.ts";
import { TestPostgresql } from "../postgresql/test-postgresql.ts";
import type { Connection } from "./connection.ts";
import type { DatabaseSettings } from "./database-settings.ts";
import type { RemoteStorage } from "./remote-storage.ts";

/** A server of databases of a test's own. */
export interface TestServer extends AsyncDisposable {
  /** Settings of a database that does not exist yet. */
  newDatabase(): DatabaseSettings;
  /** Starts the server on its data, after a kill or a stop. */
  startAgain(): Promise<void>;
  /** Ends the server at once, or lets it say goodbye with SIGTERM. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Hangs up on everybody who uses the database. */
  killConnections(database: string): Promise<void>;
}

/** A kind of server and how it is used. */
export interface TestServerKind {
  /** Of an address. */
  readonly scheme: string;
  start(): Promise<TestServer>;
  /** One that has some ten megabytes of disk. */
  startSmall(): Promise<TestServer>;
  open(settings: DatabaseSettings): Promise<RemoteStorage>;
  /** @param milliseconds that a statement may take */
  connect(settings: DatabaseSettings, milliseconds: number): Promise<Connection>;
  /** The path of the socket for the address in settings. */
  socket(address: string): string;
}

/** Every kind of server that we have a storage for. */
export const testServers: readonly (readonly [name: string, kind: TestServerKind])[] = [
  [
    "MariaDB",
    {
      scheme: "mysql",
      start: () => TestMariaDb.start(),
      startSmall: () => TestMariaDb.start("--innodb-data-file-path=ibdata1:40M"),
      open: (settings) => MySqlStorage.open(settings),
      connect: (settings, milliseconds) => connectMySql(settings, null, milliseconds),
      socket: (address) => address,
    },
  ],
  [
    "PostgreSQL",
    {
      scheme: "postgresql",
      start: () => TestPostgresql.start(),
      startSmall: () => TestPostgresql.start(24 * 1024 * 1024),
      open: (settings) => PostgresqlStorage.open(settings),
      connect: (settings, milliseconds) => connectPostgresql(settings, "postgres", milliseconds),
      socket: (address) => join(address, ".s.PGSQL.5432"),
    },
  ],
];
