import { createConnection, type RowDataPacket } from "mysql2/promise";

/** A database of MariaDB that one case after the other finds empty. Making the tables anew would take seconds. */
export class CaseDatabase {
  readonly #socket: string;
  readonly #name: string;

  constructor(socket: string, name: string) {
    this.#socket = socket;
    this.#name = name;
  }

  /** What the site of a case has as mysql.conf. */
  get mysqlConf(): string {
    const config = { address: this.#socket, database: this.#name, username: "root", password: "" };
    return `module = 'MySQL'\nconfig = ${JSON.stringify(config)}\n`;
  }

  async clear(): Promise<void> {
    const connection = await createConnection({ socketPath: this.#socket, user: "root", multipleStatements: true });
    try {
      const [tables] = await connection.query<RowDataPacket[]>(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_name <> 'OPSI_SCHEMA'",
        [this.#name],
      );
      const deletions = tables.map(({ name }) => `DELETE FROM \`${this.#name}\`.\`${name}\``);
      await connection.query(["SET foreign_key_checks = 0", ...deletions].join("; "));
    } finally {
      await connection.end();
    }
  }
}
