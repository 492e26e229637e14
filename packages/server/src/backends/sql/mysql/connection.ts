import { createConnection, type Connection as Driver, type Query } from "mysql2";
import { Turn } from "../../turn.ts";
import type { Fragment, Parameter } from "../fragment.ts";
import { noResult, type Script, type Step, type StepResult } from "../script.ts";
import { databaseError, isFatal, remedyFor, UnknownOutcome } from "./database-error.ts";
import { bound, sqlMode } from "./mysql-dialect.ts";
import type { MySqlSettings } from "./mysql-settings.ts";

export type Row = readonly unknown[];

/** Statements kept prepared on a connection: a server has 16382 for all connections of all who use it. */
const preparedStatements = 100;

/**
 * Milliseconds that a statement may take. Locks are waited for a fraction of it; who says nothing for so long is gone,
 * and the network has not told.
 */
const patience = 120_000;
/** The same for changes of tables and the like. */
const longPatience = 3_600_000;

/** Longer statements hold long lists that hardly come again: they are not kept. */
const keptStatementLength = 100_000;

/** Seconds that a statement waits for what another transaction has locked. */
const lockSeconds = 20;

/** Value lists are read as one text each; the server's own limit of 1 MB would cut them. (storage 6.1) */
const longestText = 0xffff_ffff;

/** We hung up. */
class GivenUp extends Error {
  readonly code = "ECONNABORTED";
}

/** One connection; one statement at a time. */
export class Connection {
  readonly #driver: Driver;
  readonly #patience: number;
  /** Ends the statement that runs when the connection is lost. */
  #fail: (error: unknown) => void = () => {};
  #lost: unknown = null;
  /** Of the statement that runs. */
  #timer: NodeJS.Timeout | null = null;
  #isHeld = false;
  #inTransaction = false;
  /** Why the server has rolled back, or will have to: nothing more may run in this transaction. */
  #doom: unknown = null;

  private constructor(driver: Driver, patience: number) {
    this.#driver = driver;
    this.#patience = patience;
    driver.on("error", (error) => {
      this.#lost = error;
      this.#fail(error);
    });
  }

  /**
   * @param database the one to use, null for none
   * @param milliseconds that a statement may take
   * @throws BackendTemporaryError where nobody answers, BackendUnableToConnectError for a refusal
   */
  static async open(settings: MySqlSettings, database: string | null, milliseconds = patience): Promise<Connection> {
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
    const connection = new Connection(driver, milliseconds);
    try {
      await connection.#command((resolve, reject) => driver.connect((error) => (error ? reject(error) : resolve())));
      await connection.#prepareSession();
      return connection;
    } catch (error) {
      connection.destroy("The session could not be set up");
      throw error;
    }
  }

  async #prepareSession(): Promise<void> {
    await this.#control(
      `SET SESSION sql_mode = '${sqlMode}', group_concat_max_len = ${longestText}, innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = 60`,
    );
    await this.#control("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  async #command<T = void>(
    start: (resolve: (result: T) => void, reject: (error: unknown) => void) => void,
    milliseconds = this.#patience,
  ): Promise<T> {
    const timer = setTimeout(() => {
      if (this.#isHeld) timer.refresh();
      else this.destroy(`The database has not answered for ${milliseconds / 1000} seconds`);
    }, milliseconds);
    this.#timer = timer;
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
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Runs `work` between BEGIN and COMMIT. After a dead-lock the server is outside of the transaction: whatever `work`
   * does then fails, too, and so does the whole.
   *
   * @throws UnknownOutcome when the connection is lost during the COMMIT
   */
  async transaction<T>(work: () => Promise<T>, begin = "START TRANSACTION"): Promise<T> {
    await this.#control(begin);
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
      await this.#control("COMMIT");
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
      await this.#control("ROLLBACK");
    } catch {
      this.destroy("ROLLBACK failed");
    }
  }

  /** A statement without parameters of whatever kind, which may take long. */
  execute(text: string): Promise<void> {
    return this.#control(text, longPatience);
  }

  #control(text: string, milliseconds = this.#patience): Promise<void> {
    return this.#command(
      (resolve, reject) => this.#driver.query(text, (error) => (error ? reject(error) : resolve())),
      milliseconds,
    );
  }

  /**
   * Hands each row on as it arrives. When many do, others have their turn in between.
   *
   * @param take may return a promise: the next rows arrive when it is fulfilled; must not be rejected
   */
  each({ text, parameters }: Fragment, take: (row: Row) => void | Promise<void>): Promise<void> {
    const turn = new Turn();
    return this.#command((resolve, reject) => {
      const query = this.#start(text, parameters);
      query.on("result", (row: Row) => {
        const taken = take(row);
        if (taken === undefined && !turn.isOver) return;
        this.#hold();
        void Promise.all([taken, turn.pass()]).then(() => this.#goOn());
      });
      query.on("error", reject);
      query.on("end", resolve);
    });
  }

  /** We are the ones who are waited for: that does not count as silence. */
  #hold(): void {
    this.#isHeld = true;
    this.#driver.pause();
  }

  #goOn(): void {
    this.#isHeld = false;
    this.#timer?.refresh();
    this.#driver.resume();
  }

  async rows(statement: Fragment): Promise<Row[]> {
    const rows: Row[] = [];
    await this.each(statement, (row) => void rows.push(row));
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
  destroy(reason: string): void {
    this.#lost ??= new GivenUp(reason);
    this.#driver.destroy();
    this.#fail(this.#lost);
  }
}
