import { raw } from "../../../packages/server/src/backends/sql/fragment.ts";
import { mysqlServer } from "../../../packages/server/src/backends/sql/mysql/mysql-server.ts";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { postgresqlServer } from "../../../packages/server/src/backends/sql/postgresql/postgresql-server.ts";
import { TestPostgresql } from "../../../packages/server/src/backends/sql/postgresql/test-postgresql.ts";
import type { TestServer } from "../../../packages/server/src/backends/sql/remote/test-servers.ts";
import type { DatabaseServer } from "../../../packages/server/src/backends/sql/remote/whole-database.ts";

/** A kind of server that has the objects of cases. */
export interface CaseServer {
  readonly module: string;
  readonly server: DatabaseServer;
  readonly username: string;
  /** A statement after which rows may go that others refer to. */
  readonly ignoreReferences: string;
  start(): Promise<TestServer>;
}

export const mysql: CaseServer = {
  module: "MySQL",
  server: mysqlServer,
  username: "root",
  ignoreReferences: "SET SESSION foreign_key_checks = 0",
  start: () => TestMariaDb.start(),
};

export const postgresql: CaseServer = {
  module: "PostgreSQL",
  server: postgresqlServer,
  username: "postgres",
  ignoreReferences: "SET session_replication_role = replica",
  start: () => TestPostgresql.start(),
};

/** A database that one case after the other finds empty. Making the tables anew would take seconds. */
export class CaseDatabase {
  readonly #kind: CaseServer;
  readonly #config: { address: string; database: string; username: string; password: string };

  /** @param address of the server */
  constructor(kind: CaseServer, address: string, database: string) {
    this.#kind = kind;
    this.#config = { address, database, username: kind.username, password: "" };
  }

  /** The file of the site below etc/opsi, and what stands there. */
  get file(): readonly [path: string, text: string] {
    const { module } = this.#kind;
    return [
      `backends/${module.toLowerCase()}.conf`,
      `module = '${module}'\nconfig = ${JSON.stringify(this.#config)}\n`,
    ];
  }

  async clear(): Promise<void> {
    const { server, ignoreReferences } = this.#kind;
    const settings = { ...this.#config, port: 5432, connections: 1, tls: null };
    const connection = await server.connect(settings, this.#config.database).catch((error: unknown) => {
      if (server.isUnknown(error)) return null;
      throw error;
    });
    if (connection === null) return;
    try {
      const names = (await connection.rows(raw(server.tables))).map(([name]) => String(name));
      await connection.execute(ignoreReferences);
      await connection.transaction("BEGIN", async () => {
        for (const name of names.filter((table) => table !== "OPSI_SCHEMA")) {
          // The records of the audit trail may not be deleted, and the next site has a key of its own.
          const verb = name.startsWith("AUDIT_TRAIL") ? "DROP TABLE" : "DELETE FROM";
          await connection.execute(`${verb} ${server.quote(name)}`);
        }
      });
    } finally {
      await connection.close();
    }
  }
}
