import { DatabaseSync, type StatementSync } from "node:sqlite";
import { OpsiError } from "@opsi-ts/model";
import { Turn } from "../../turn.ts";
import type { NotingConnection, Statement } from "../change-watch.ts";
import type { Fragment } from "../fragment.ts";
import { noResult, type Script, type Step, type StepResult } from "../script.ts";
import type { TouchedRows } from "../touched-rows.ts";

/** Statements kept prepared; requests have few shapes, so that this is enough for all of them. */
const preparedStatements = 500;

const combiningMarks = /\p{M}/gu;

/** What the collation utf8_general_ci of the original compares: neither case, accents nor trailing blanks. */
export function fold(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = String(value).trimEnd();
  if (/^[\x00-\x7f]*$/.test(text)) return text.toUpperCase();
  return text.normalize("NFD").replace(combiningMarks, "").replaceAll("ß", "s").toUpperCase();
}

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), the low byte of `errcode`. */
const resultCodes = { busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, constraint: 19 };

function translate(error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  const options = { cause: error };
  switch (Number(error.errcode) & 0xff) {
    case resultCodes.constraint:
      return new OpsiError("BackendReferentialIntegrityError", error.message, options);
    case resultCodes.busy:
    case resultCodes.locked:
      return new OpsiError("BackendTemporaryError", "The database is busy, try again", options);
    case resultCodes.full:
      return new OpsiError("BackendIOError", "The disk is full: nothing was written", options);
    case resultCodes.ioError:
    case resultCodes.readOnly:
    case resultCodes.corrupt:
      return new OpsiError("BackendIOError", error.message, options);
    default:
      return error;
  }
}

/** One connection to an SQLite file. Calls are synchronous; use it for what takes microseconds. */
export class Database implements NotingConnection, Disposable {
  readonly #database: DatabaseSync;
  readonly #sharesReads: boolean;
  #reading = false;
  touched: TouchedRows | null = null;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * @param path the database file, which is created if it is missing and `readOnly` is not set
   * @param options.sharesReads reads of one turn of the event loop share a transaction; whoever commits on another
   *   connection of this process calls `renew`
   */
  constructor(path: string, options: { readOnly?: boolean; sharesReads?: boolean } = {}) {
    this.#sharesReads = options.sharesReads ?? false;
    this.#database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: 10_000 });
    this.#database.function("fold", { deterministic: true }, fold);
    this.#database.exec("PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 1073741824");
    if (!options.readOnly) {
      // A killed process loses nothing that was acknowledged; only a power failure may take the last moment's commits.
      this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
    }
  }

  #prepare(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement) return statement;
    statement = this.#database.prepare(text);
    statement.setReturnArrays(true);
    if (this.#statements.size >= preparedStatements) {
      const oldest = this.#statements.keys().next().value;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(text, statement);
    return statement;
  }

  /** All rows, each as an array of its columns. */
  rows({ text, parameters }: Fragment): unknown[][] {
    try {
      this.#shareRead();
      return this.#prepare(text).all(...parameters) as unknown as unknown[][];
    } catch (error) {
      throw translate(error);
    }
  }

  change({ text, parameters }: Statement): void {
    try {
      this.#prepare(text).run(...parameters);
    } catch (error) {
      throw translate(error);
    }
  }

  /** Ends the transaction that reads of this turn share: the next read sees what was committed meanwhile. */
  renew(): void {
    if (!this.#reading) return;
    this.#reading = false;
    // Some failures, of the disk for one, have ended it already.
    if (this.#database.isOpen && this.inTransaction) this.#prepare("COMMIT").run();
  }

  /** Taking and giving back the file's locks costs more than a small read does. (bench one-host) */
  #shareRead(): void {
    if (!this.#sharesReads || this.#reading) return;
    this.#prepare("BEGIN").run();
    this.#reading = true;
    setImmediate(() => this.renew());
  }

  /** The first column of the first row. */
  value({ text, parameters }: Fragment): unknown {
    try {
      this.#shareRead();
      return (this.#prepare(text).get(...parameters) as unknown as unknown[] | undefined)?.[0];
    } catch (error) {
      throw translate(error);
    }
  }

  /** Runs a script. A long one lets others have their turn in between. */
  async play(given: Script): Promise<void> {
    const script = this.touched ? this.touched.noting(given) : given;
    const turn = new Turn();
    let next = script.next(noResult);
    while (!next.done) {
      const result = this.#perform(next.value);
      if (turn.isOver) await turn.pass();
      next = script.next(result);
    }
  }

  #perform({ kind, statement }: Step): StepResult {
    if (kind === "rows") return { rows: this.rows(statement), count: 0 };
    try {
      const { changes, lastInsertRowid } = this.#prepare(statement.text).run(...statement.parameters);
      return { rows: [], count: Number(kind === "insert" ? lastInsertRowid : changes) };
    } catch (error) {
      throw translate(error);
    }
  }

  /** Statements without parameters. */
  execute(text: string): void {
    try {
      this.#database.exec(text);
    } catch (error) {
      throw translate(error);
    }
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  [Symbol.dispose](): void {
    this.renew();
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }
}
