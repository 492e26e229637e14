import { createConnection, type Connection as MySql, type Query } from "mysql2";
import type { Fragment } from "../fragment.ts";
import { Connection, type Driver, type Row } from "../remote/connection.ts";
import { databaseError } from "./database-error.ts";
import { bound, sqlMode } from "./mysql-dialect.ts";
import type { MySqlSettings } from "./mysql-settings.ts";

/** Statements kept prepared on a connection: a server has 16382 for all connections of all who use it. */
const preparedStatements = 100;

/** Longer statements hold long lists that hardly come again: they are not kept. */
const keptStatementLength = 100_000;

/** Seconds that a statement waits for what another transaction has locked. */
const lockSeconds = 20;

/** Seconds after which the server hangs up on who does not take the rows of a snapshot. */
const readerSeconds = 3600;

/** Value lists are read as one text each; the server's own limit of 1 MB would cut them. (storage 6.1) */
const longestText = 0xffff_ffff;

const session = [
  `SET SESSION sql_mode = '${sqlMode}', group_concat_max_len = ${longestText}, innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = 60, net_write_timeout = ${readerSeconds}`,
  "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
];

/**
 * @param database the one to use, null for none
 * @param milliseconds that a statement may take
 * @throws BackendTemporaryError where nobody answers, BackendUnableToConnectError for a refusal
 */
export function connect(settings: MySqlSettings, database: string | null, milliseconds?: number): Promise<Connection> {
  return Connection.open(new MySqlDriver(settings, database), session, milliseconds);
}

class MySqlDriver implements Driver {
  readonly #connection: MySql;

  constructor({ address, port, username, password, tls }: MySqlSettings, database: string | null) {
    this.#connection = createConnection({
      ...(address.startsWith("/") ? { socketPath: address } : { host: address, port }),
      user: username,
      password,
      ...(database === null ? {} : { database }),
      // As the original: without a CA any certificate will do.
      ...(tls ? { ssl: { ...tls, rejectUnauthorized: tls.ca !== undefined } } : {}),
      charset: "utf8mb4_general_ci",
      connectTimeout: 10_000,
      rowsAsArray: true,
      dateStrings: true,
      supportBigNumbers: true,
      maxPreparedStatements: preparedStatements,
    });
  }

  connect(onLost: (error: unknown) => void): Promise<void> {
    this.#connection.on("error", onLost);
    return new Promise((resolve, reject) => {
      this.#connection.connect((error) => (error ? reject(error) : resolve()));
    });
  }

  control(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connection.query(text, (error) => (error ? reject(error) : resolve()));
    });
  }

  each(statement: Fragment, take: (row: Row) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const query = this.#start(statement);
      query.on("result", take);
      query.on("error", reject);
      query.on("end", resolve);
    });
  }

  async change(statement: Fragment, kind: "change" | "insert"): Promise<number> {
    const { affectedRows, insertId } = await new Promise<{ affectedRows: number; insertId: number }>(
      (resolve, reject) => {
        const query = this.#start(statement);
        query.on("result", resolve);
        query.on("error", reject);
      },
    );
    return kind === "insert" ? insertId : affectedRows;
  }

  async changeAll(statements: readonly Fragment[]): Promise<void> {
    for (const statement of statements) await this.change(statement, "change");
  }

  #start({ text, parameters }: Fragment): Query {
    const query = this.#connection.execute({ sql: text, values: parameters.map(bound) });
    if (text.length > keptStatementLength) query.on("end", () => this.#connection.unprepare(text));
    return query;
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#connection.end(() => resolve());
    });
  }

  destroy(): void {
    this.#connection.destroy();
  }

  failure(error: unknown): unknown {
    return databaseError(error);
  }
}
