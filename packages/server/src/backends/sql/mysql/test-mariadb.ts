import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { MySqlSettings } from "./mysql-settings.ts";

const run = promisify(execFile);

/** The server refuses to work as root; the package brings this user. */
const asUser = process.getuid?.() === 0 ? ["--user=mysql"] : [];

/** Nothing waits for the disk: what the process wrote is there after a kill, and only a power failure would tell. */
const usualOptions = [
  ...["--innodb-flush-method=nosync", "--innodb-file-per-table=0", "--sync-frm=0", "--innodb-doublewrite=0"],
];

/** A MariaDB server of a test's own, in a temporary folder, reached by a socket there. */
export class TestMariaDb implements AsyncDisposable {
  readonly #folder: string;
  readonly #options: readonly string[];
  #process: ChildProcess | null = null;
  #databases = 0;

  private constructor(folder: string, options: readonly string[]) {
    this.#folder = folder;
    this.#options = options;
  }

  /** @param more options of the server */
  static async start(...more: readonly string[]): Promise<TestMariaDb> {
    const folder = await mkdtemp(join(tmpdir(), "mariadb-"));
    const server = new TestMariaDb(folder, [`--tmpdir=${folder}`, ...usualOptions, ...more, ...asUser]);
    try {
      await chmod(folder, 0o777);
      const data = `--datadir=${join(folder, "data")}`;
      const setup = ["--auth-root-authentication-method=normal", "--skip-test-db"];
      await run("mariadb-install-db", ["--no-defaults", data, ...setup, ...server.#options]);
      await server.startAgain();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get socket(): string {
    return join(this.#folder, "socket");
  }

  /** Settings of a database that does not exist yet. */
  newDatabase(): MySqlSettings {
    const database = `opsi_${++this.#databases}`;
    const place = { address: this.socket, port: 3306, username: "root", password: "" };
    return { ...place, database, connections: 20, tls: null };
  }

  /** Starts the server on its data, after a kill or a stop. */
  async startAgain(): Promise<void> {
    const log = join(this.#folder, "log");
    const files = [`--datadir=${join(this.#folder, "data")}`, `--socket=${this.socket}`, `--log-error=${log}`];
    const options = ["--skip-networking", "--pid-file=pid", ...this.#options];
    const child = spawn("mariadbd", ["--no-defaults", ...files, ...options], { stdio: "ignore" });
    this.#process = child;
    const failed = once(child, "exit").then(async () => {
      throw new Error(`mariadbd ended:\n${await readFile(log, "utf8").catch(() => "")}`);
    });
    failed.catch(() => {}); // it ends at some time
    await Promise.race([this.#answers(), failed]);
  }

  async #answers(): Promise<void> {
    for (;;) {
      try {
        const connection = await createConnection({ socketPath: this.socket, user: "root" });
        return await connection.end();
      } catch {
        await setTimeout(20);
      }
    }
  }

  /** Ends the server at once, or lets it say goodbye with SIGTERM. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** The schema as rows of texts: columns, keys, foreign keys without their names, tables. */
  async describe(database: string): Promise<Record<"columns" | "keys" | "foreignKeys" | "tables", string[][]>> {
    const connection = await createConnection({ socketPath: this.socket, user: "root", rowsAsArray: true });
    const rows = async (query: string) => {
      const [found] = await connection.query<RowDataPacket[][]>(`${query} ORDER BY 1, 2, 3`, [database]);
      return found.map((row) => row.map(String));
    };
    try {
      return {
        columns: await rows(
          `SELECT table_name, column_name, column_type, is_nullable, column_default, extra, collation_name
           FROM information_schema.columns WHERE table_schema = ?`,
        ),
        keys: await rows(
          `SELECT table_name, index_name, group_concat(column_name ORDER BY seq_in_index), non_unique
           FROM information_schema.statistics WHERE table_schema = ? GROUP BY table_name, index_name`,
        ),
        foreignKeys: await rows(
          `SELECT k.table_name, group_concat(k.column_name ORDER BY k.ordinal_position), k.referenced_table_name,
             group_concat(k.referenced_column_name ORDER BY k.ordinal_position), r.delete_rule, r.update_rule
           FROM information_schema.key_column_usage k
           JOIN information_schema.referential_constraints r USING (constraint_schema, table_name, constraint_name)
           WHERE k.table_schema = ? GROUP BY k.table_name, k.constraint_name`,
        ),
        tables: await rows(
          "SELECT table_name, engine, table_collation FROM information_schema.tables WHERE table_schema = ?",
        ),
      };
    } finally {
      await connection.end();
    }
  }

  /** Hangs up on everybody who uses the database. */
  async killConnections(database: string): Promise<void> {
    const connection = await createConnection({ socketPath: this.socket, user: "root", rowsAsArray: true });
    const others = "SELECT id FROM information_schema.processlist WHERE db = ?";
    const [rows] = await connection.query<RowDataPacket[][]>(others, [database]);
    for (const [id] of rows) await connection.query(`KILL ${id}`);
    await connection.end();
  }

  /** Runs statements as the administrator of the database, as `mariadb` does with a dump. */
  async execute(database: string, statements: string): Promise<void> {
    const connection = await createConnection({
      socketPath: this.socket,
      user: "root",
      multipleStatements: true,
      charset: "utf8mb4_general_ci",
    });
    try {
      await connection.query(`CREATE DATABASE IF NOT EXISTS \`${database}\`; USE \`${database}\``);
      await connection.query(statements);
    } finally {
      await connection.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }
}
