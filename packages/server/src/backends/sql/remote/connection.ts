import { Turn } from "../../turn.ts";
import type { NotingConnection } from "../change-watch.ts";
import type { Fragment } from "../fragment.ts";
import { noResult, type Script, type Step, type StepResult } from "../script.ts";
import type { TouchedRows } from "../touched-rows.ts";
import { DatabaseError, UnknownOutcome } from "./database-error.ts";

export type Row = readonly unknown[];

/** What the library of a database does for one connection. Its methods fail with whatever the library throws. */
export interface Driver {
  /** @param onLost is told when the connection is gone, now or later */
  connect(onLost: (error: unknown) => void): Promise<void>;
  /** A statement without parameters, or several, of whatever kind. */
  control(text: string): Promise<void>;
  /** Hands each row on as it arrives. */
  each(statement: Fragment, take: (row: Row) => void): Promise<void>;
  /** Rows that a change met, or the number of the row that an insert added. */
  change(statement: Fragment, kind: "change" | "insert"): Promise<number>;
  /** Makes changes in their order. */
  changeAll(statements: readonly Fragment[]): Promise<void>;
  /** No rows arrive until `resume`. */
  pause(): void;
  resume(): void;
  /** Says goodbye. */
  end(): Promise<void>;
  /** Hangs up. */
  destroy(): void;
  /** Anything else than an error of the database is returned as it is. */
  failure(error: unknown): unknown;
}

/** Milliseconds that a statement may take: who says nothing for so long is gone, and the network has not told. */
const patience = 120_000;
/** The same for changes of tables and the like. */
const longPatience = 3_600_000;

/** Changes that are on their way together: each waits for the way there and back only once. */
const changesAtOnce = 100;

/** One connection; one statement at a time. */
export class Connection implements NotingConnection {
  touched: TouchedRows | null = null;
  readonly #driver: Driver;
  readonly #patience: number;
  /** Ends the statement that runs when the connection is lost. */
  #fail: (error: unknown) => void = () => {};
  #lost: unknown = null;
  /** Of the statement that runs. */
  #timer: NodeJS.Timeout | null = null;
  #isHeld = false;
  #inTransaction = false;
  /** Why nothing more may run in this transaction: the server has rolled back, or will have to. */
  #doom: unknown = null;

  private constructor(driver: Driver, milliseconds: number) {
    this.#driver = driver;
    this.#patience = milliseconds;
  }

  /**
   * @param session statements that prepare it
   * @param milliseconds that a statement may take
   * @throws BackendTemporaryError where nobody answers, BackendUnableToConnectError for a refusal
   */
  static async open(driver: Driver, session: readonly string[], milliseconds = patience): Promise<Connection> {
    const connection = new Connection(driver, milliseconds);
    try {
      await connection.#command(() => driver.connect((error) => connection.#lose(error)));
      for (const statement of session) await connection.#control(statement);
      return connection;
    } catch (error) {
      connection.destroy("The session could not be set up");
      throw error;
    }
  }

  #lose(error: unknown): void {
    this.#lost ??= error;
    this.#fail(error);
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  async #command<T>(work: () => Promise<T>, milliseconds = this.#patience): Promise<T> {
    const timer = setTimeout(() => {
      if (this.#isHeld) timer.refresh();
      else this.destroy(`The database has not answered for ${milliseconds / 1000} seconds`);
    }, milliseconds);
    this.#timer = timer;
    try {
      const reason = this.#doom ?? this.#lost;
      if (reason !== null) throw reason;
      const lost = Promise.withResolvers<never>();
      this.#fail = lost.reject;
      return await Promise.race([work(), lost.promise]);
    } catch (error) {
      const failure = this.#driver.failure(error);
      if (failure instanceof DatabaseError) {
        if (failure.isFatal) this.#lost ??= failure;
        // Some databases go on after some failures. A transaction of which a part failed is none anywhere.
        if (this.#inTransaction) this.#doom ??= failure;
      }
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Runs `work` between `begin` and COMMIT. After a failure of the database whatever else `work` does fails, too, and so
   * does the whole.
   *
   * @throws UnknownOutcome when the connection is lost during the COMMIT
   */
  async transaction<T>(begin: string, work: () => Promise<T>): Promise<T> {
    this.#inTransaction = true;
    let result: T;
    try {
      await this.#control(begin); // of several statements the first may have begun it when another one fails
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

  /** Statements without parameters of whatever kind, which may take long. */
  execute(text: string): Promise<void> {
    return this.#control(text, longPatience);
  }

  #control(text: string, milliseconds = this.#patience): Promise<void> {
    return this.#command(() => this.#driver.control(text), milliseconds);
  }

  /**
   * Hands each row on as it arrives. When many do, others have their turn in between.
   *
   * @param take may return a promise: the next rows arrive when it is fulfilled; must not be rejected
   */
  each(statement: Fragment, take: (row: Row) => void | Promise<void>): Promise<void> {
    const turn = new Turn();
    return this.#command(() =>
      this.#driver.each(statement, (row) => {
        const taken = take(row);
        if (taken === undefined && !turn.isOver) return;
        this.#hold();
        void Promise.all([taken, turn.pass()]).then(() => this.#goOn());
      }),
    );
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
    await this.each(statement, (row) => {
      rows.push(row);
    });
    return rows;
  }

  async value(statement: Fragment): Promise<unknown> {
    return (await this.rows(statement))[0]?.[0];
  }

  async change(statement: Fragment): Promise<void> {
    await this.#command(() => this.#driver.change(statement, "change"));
  }

  /** Runs a script. */
  async play(given: Script): Promise<void> {
    const script = this.touched ? this.touched.noting(given) : given;
    const unsent: Fragment[] = [];
    const send = async () => {
      const statements = unsent.splice(0);
      if (statements.length > 0) await this.#command(() => this.#driver.changeAll(statements));
    };
    for (let next = script.next(noResult); !next.done; ) {
      const { kind, statement } = next.value;
      if (kind !== "blind" || unsent.length >= changesAtOnce) await send();
      if (kind === "blind") unsent.push(statement);
      next = script.next(kind === "blind" ? noResult : await this.#perform(kind, statement));
    }
    await send();
  }

  async #perform(kind: Exclude<Step["kind"], "blind">, statement: Fragment): Promise<StepResult> {
    if (kind === "rows") return { rows: await this.rows(statement), count: 0 };
    return { rows: [], count: await this.#command(() => this.#driver.change(statement, kind)) };
  }

  /** Says goodbye, or hangs up where that is not possible any more. */
  async close(): Promise<void> {
    if (this.#lost !== null) return this.#driver.destroy();
    await this.#command(() => this.#driver.end());
  }

  /** Hangs up; the server rolls back what was not committed. */
  destroy(reason: string): void {
    this.#lose(
      new DatabaseError(new Error(reason), { class: "BackendTemporaryError", remedy: "reconnect", isFatal: true }),
    );
    this.#driver.destroy();
  }
}
