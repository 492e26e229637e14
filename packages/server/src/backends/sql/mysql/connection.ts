import { createConnection, type Connection as Driver, type Query } from "mysql2";
import { Turn } from "../../turn.ts";
import type { Fragment, Parameter } from "../fragment.ts";
import { noResult, type Script, type Step, type StepResult } from "../script.ts";
import { databaseError, isFatal, remedyFor, UnknownOutcome } from "./database-error.ts";
import { sqlMode } from "./mysql-dialect.ts";
import type { MySqlSettings } from "./mysql-settings.ts";

export type Row = readonly unknown[];

/** Statements kept prepared on a connection; requests have few shapes. */
const preparedStatements = 300;

/** Longer statements hold long lists that hardly come again: they are not kept. */
const keptStatementLength = 100_000;

/** Seconds that a statement waits for what another transaction has locked. */
const lockSeconds = 20;

/** Value lists are read as one text each; the server's own limit of 1 MB would cut them. (storage 6.1) */
const longestText = 0xffff_ffff;

/** The driver sends whole numbers of any size as texts. */
const bound = (value: Parameter) => (typeof value === "bigint" ? String(value) : value);

/** One connection; one statement at a time. */
export class Connection {
  readonly #driver: Driver;
  /** Ends the statement that runs when the connection is lost. */
  #fail: (error: unknown) => void = () => {};
  #lost: unknown = null;
  #inTransaction = false;
  /** Why the server has rolled back, or will have to: nothing more may run in this transaction. */
  #doom: unknown = null;

  private constructor(driver: Driver) {
    this.#driver = driver;
    driver.on("error", (error) => {
      this.#lost = error;
      this.#fail(error);
    });
  }

  /**
   * @param database the one to use, null for none
   * @throws BackendTemporaryError where nobody answers, BackendUnableToConnectError for a refusal
   */
  static async open(settings: MySqlSettings, database: string | null): Promise<Connection> {
    const { address, port, username, password, tls } = settings;
    const driver = createConnection({
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
    const connection = new Connection(driver);
    await connection.#command((resolve, reject) => driver.connect((error) => (error ? reject(error) : resolve())));
    await connection.execute(
      `SET SESSION sql_mode = '${sqlMode}', group_concat_max_len = ${longestText}, innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = 60`,
    );
    await connection.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    return connection;
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  async #command<T = void>(
    start: (resolve: (result: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        const reason = this.#doom ?? this.#lost;
        if (reason !== null) throw reason;
        this.#fail = reject;
        start(resolve, reject);
      });
    } catch (error) {
      if (isFatal(error)) this.#lost ??= error;
      const failure = databaseError(error);
      if (this.#inTransaction && remedyFor(failure) !== null) this.#doom ??= failure;
      throw failure;
    }
  }

  /**
   * Runs `work` between BEGIN and COMMIT. After a dead-lock the server is outside of the transaction: whatever `work`
   * does then fails, too, and so does the whole.
   *
   * @throws UnknownOutcome when the connection is lost during the COMMIT
   */
  async transaction<T>(work: () => Promise<T>, begin = "START TRANSACTION"): Promise<T> {
    await this.execute(begin);
    this.#inTransaction = true;
    let result: T;
    try {
      result = await work();
      if (this.#doom !== null) throw this.#doom;
    } catch (error) {
      const reason = this.#doom ?? error;
      await this.#rollBack();
      throw reason;
    }
    try {
      await this.execute("COMMIT");
      return result;
    } catch (error) {
      throw this.isLost ? new UnknownOutcome(error) : error;
    } finally {
      this.#inTransaction = false;
      this.#doom = null;
    }
  }

  async #rollBack(): Promise<void> {
    this.#inTransaction = false;
    this.#doom = null;
    if (this.isLost) return;
    try {
      await this.execute("ROLLBACK");
    } catch {
      this.destroy(); // then the server rolls back
    }
  }

  /** A statement without parameters, of whatever kind. */
  execute(text: string): Promise<void> {
    return this.#command((resolve, reject) => this.#driver.query(text, (error) => (error ? reject(error) : resolve())));
  }

  /** Hands each row on as it arrives. When many do, others have their turn in between. */
  each({ text, parameters }: Fragment, take: (row: Row) => void): Promise<void> {
    const turn = new Turn();
    return this.#command((resolve, reject) => {
      const query = this.#start(text, parameters);
      query.on("result", (row: Row) => {
        take(row);
        if (!turn.isOver) return;
        this.#driver.pause();
        void turn.pass().then(() => this.#driver.resume());
      });
      query.on("error", reject);
      query.on("end", resolve);
    });
  }

  async rows(statement: Fragment): Promise<Row[]> {
    const rows: Row[] = [];
    await this.each(statement, (row) => rows.push(row));
    return rows;
  }

  async value(statement: Fragment): Promise<unknown> {
    return (await this.rows(statement))[0]?.[0];
  }

  #start(text: string, parameters: readonly Parameter[]): Query {
    const query = this.#driver.execute({ sql: text, values: parameters.map(bound) });
    if (text.length > keptStatementLength) query.on("end", () => this.#driver.unprepare(text));
    return query;
  }

  /** Runs a script. */
  async play(script: Script): Promise<void> {
    let next = script.next(noResult);
    while (!next.done) next = script.next(await this.#perform(next.value));
  }

  async #perform({ kind, statement }: Step): Promise<StepResult> {
    if (kind === "rows") return { rows: await this.rows(statement), count: 0 };
    const { affectedRows, insertId } = await this.#change(statement);
    return { rows: [], count: kind === "insert" ? insertId : affectedRows };
  }

  #change({ text, parameters }: Fragment): Promise<{ affectedRows: number; insertId: number }> {
    return this.#command((resolve, reject) => {
      const query = this.#start(text, parameters);
      query.on("result", resolve);
      query.on("error", reject);
    });
  }

  /** Says goodbye, or hangs up where that is not possible any more. */
  async close(): Promise<void> {
    if (this.#lost !== null) return this.#driver.destroy();
    await this.#command((resolve) => this.#driver.end(() => resolve()));
  }

  /** Hangs up; the server rolls back what was not committed. */
  destroy(): void {
    this.#lost ??= new Error("The connection was given up");
    this.#driver.destroy();
  }
}
