import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { StatementRunner, WatchedDatabase } from "../change-watch.ts";
import { sqlite } from "../dialect.ts";
import { Database } from "./database.ts";

/** An SQLite file with one connection for all transactions, one after the other, and one for reading what is committed. */
export class Connections implements WatchedDatabase, AsyncDisposable {
  readonly kind = "sqlite";
  readonly dialect = sqlite;
  readonly lock = "";
  readonly writer: Database;
  readonly reader: Database;
  /** Settles when the transaction that was last begun has ended; the next one waits for it. */
  #lastTransaction: Promise<unknown> = Promise.resolve();

  /**
   * @param path the file; it and its folder are created when missing
   * @param prepare makes the tables
   */
  constructor(path: string, prepare: (writer: Database) => void = () => {}) {
    mkdirSync(dirname(path), { recursive: true });
    this.writer = new Database(path);
    prepare(this.writer);
    this.reader = new Database(path, { readOnly: true, sharesReads: true });
  }

  read<T>(work: (runner: StatementRunner) => Promise<T>): Promise<T> {
    this.reader.renew(); // other programs may have changed the file
    return work(this.reader);
  }

  /** Committed when `work` returns, rolled back when it throws. */
  async transaction<T>(work: (writer: Database) => Promise<T>): Promise<T> {
    const previous = this.#lastTransaction;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTransaction = promise;
    await previous;
    try {
      this.writer.execute("BEGIN IMMEDIATE");
      try {
        const result = await work(this.writer);
        this.writer.execute("COMMIT");
        this.reader.renew();
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    } finally {
      resolve();
    }
  }

  execute(text: string): Promise<void> {
    return this.transaction(async (writer) => writer.execute(text));
  }

  /** After some failures, a full disk for one, the database has rolled back already. */
  #rollBack(): void {
    if (this.writer.inTransaction) this.writer.execute("ROLLBACK");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastTransaction;
    this.reader[Symbol.dispose]();
    this.writer[Symbol.dispose]();
  }
}
