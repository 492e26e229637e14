import type { Dialect } from "../dialect.ts";

/** A database that another process serves: it yields columns, and we make the JSON of them. */
export interface RemoteDialect extends Dialect {
  /** How a transaction begins. */
  readonly begin: {
    /** That changes objects, whatever is there. */
    readonly change: string;
    /** That decides by what it reads. */
    readonly decide: string;
    /** The same once more, after another one was in its way. */
    readonly decideAgain: string;
    /** That reads what there is at one moment. */
    readonly snapshot: string;
  };
  /** What follows a read of a transaction that decides, so that nobody else changes what its decisions rest on. */
  readonly lock: string;
  /** What puts rows into the order of columns, nothing where they come so anyway. */
  orderBy(columns: readonly string[]): string;
  /** All values of a column in hexadecimal digits, so that no value can look like two, with commas between; by code point. */
  hexadecimals(column: string): string;
}
