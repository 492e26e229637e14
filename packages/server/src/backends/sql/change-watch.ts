import { Turn } from "../turn.ts";
import { type ChangedRows, changedRows, type ReadRows, type WatchedTables } from "./changed-rows.ts";
import type { Dialect } from "./dialect.ts";
import type { Fragment, Parameter } from "./fragment.ts";
import { TouchedRows } from "./touched-rows.ts";

/** A statement that may also write bytes. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly (Parameter | Uint8Array)[];
}

/** Runs statements one after the other. */
export interface StatementRunner {
  rows(statement: Fragment): readonly (readonly unknown[])[] | Promise<readonly (readonly unknown[])[]>;
  change(statement: Statement): void | Promise<void>;
}

/** A database in which what a watch writes can lie. */
export interface WatchedDatabase {
  readonly kind: "sqlite" | "mysql" | "postgresql";
  readonly dialect: Dialect;
  /** What ends a read of rows that nobody else may change until the transaction ends. */
  readonly lock: string;
  /** What `work` reads at once is one state. */
  read<T>(work: (runner: StatementRunner) => Promise<T>): Promise<T>;
  /** `work` may run again where the database rolled back. */
  transaction<T>(work: (runner: StatementRunner) => Promise<T>): Promise<T>;
  /** A statement without parameters that changes tables. */
  execute(text: string): Promise<void>;
}

/** Sees every change of the rows of a site. */
export interface ChangeWatch {
  /**
   * Once for each database, when its tables are there.
   *
   * @param concerns whether changes of a table are the site's; all are where this is missing
   */
  attach(database: WatchedDatabase, concerns?: (table: string) => boolean): Promise<DatabaseWatch>;
  /** For a storage that keeps its objects elsewhere: what the watch makes of a transaction is kept with them. */
  attachNotes(notes: NoteStore, concerns?: (table: string) => boolean): NotesWatch;
}

export interface DatabaseWatch {
  /** A transaction has begun; null: this one is not watched. */
  begin(): WatchedTransaction | null;
  /** What a transaction has written is there for everybody. */
  committed(): void;
}

/** A transaction while it is watched. */
export interface WatchedTransaction {
  /** Told of all rows that were changed, when `work` is done. */
  tell(changed: ChangedRows): void;
  /** Writes what it makes of them. The commit follows. */
  finish(runner: StatementRunner): Promise<void>;
}

/** Texts that are kept with the changes that they tell of, until the watch has taken them over. */
export interface NoteStore {
  /** Oldest first. */
  list(): Promise<readonly { readonly id: string; readonly text: string }[]>;
  /** What is not there any more is no error. */
  remove(ids: readonly string[]): Promise<void>;
}

export interface NotesWatch {
  begin(): NotedTransaction | null;
  committed(): void;
}

/** A transaction whose notes are kept elsewhere. */
export interface NotedTransaction {
  tell(changed: ChangedRows): void;
  /** What is to be kept; null: nothing was changed. */
  note(): string | null;
}

/** A connection that says what its scripts touch. */
export interface NotingConnection extends StatementRunner {
  /** Takes notes while it is set. */
  touched: TouchedRows | null;
}

/** What differs between databases in seeing their changes. */
export interface Sight {
  readonly tables: WatchedTables;
  readonly lock: string;
  /** Reads what everybody sees. */
  readonly committed: ReadRows;
  /** Reads what a transaction sees. */
  own(connection: StatementRunner): ReadRows;
}

/**
 * Runs `work` in a transaction of the connection that has begun; the watch is told what it changed.
 *
 * @returns whether there was something to tell
 */
export async function watched<C extends NotingConnection, T>(
  watch: Pick<DatabaseWatch, "begin"> | null,
  connection: C,
  sight: Sight,
  work: (connection: C) => Promise<T>,
): Promise<{ readonly result: T; readonly told: boolean }> {
  const transaction = watch?.begin();
  if (!transaction) return { result: await work(connection), told: false };
  const touched = new TouchedRows(sight.lock);
  connection.touched = touched;
  let result: T;
  try {
    result = await work(connection);
  } finally {
    connection.touched = null;
  }
  if (touched.isEmpty) return { result, told: false };
  const { tables, committed } = sight;
  const turn = new Turn();
  for await (const changed of changedRows(touched, tables, committed, sight.own(connection))) {
    transaction.tell(changed);
    if (turn.isOver) await turn.pass();
  }
  await transaction.finish(connection);
  return { result, told: true };
}
