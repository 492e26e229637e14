import type { ObjectStore } from "../../storage.ts";
import type { Database } from "./database.ts";

/** What a watch gets of the storage that it watches. */
export interface WatchedStorage {
  /** Writes; in a transaction only between `begin` and the end of that. */
  readonly writer: Database;
  /** Reads what is committed. */
  readonly reader: Database;
  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T>;
}

/** Sees every change of the rows, and may write what it makes of it in the same transaction. */
export interface ChangeWatch {
  /** Once, when the tables of the storage are there. */
  attach(storage: WatchedStorage): void;
  /** A transaction has begun; null: this one is not watched. */
  begin(): WatchedTransaction | null;
}

/** A transaction while it is watched. */
export interface WatchedTransaction extends Disposable {
  /** Takes up what was changed until now. Called now and then, so that there is never much. */
  takeUp(): void;
  /** Takes up the rest, before the commit. */
  finish(): void;
}
