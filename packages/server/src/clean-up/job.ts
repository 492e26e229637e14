import type { Family, OpsiObject } from "@opsi-ts/model";
import type { Ident, ObjectStore } from "../backends/storage.ts";

/** What is to be done about what was found. */
export interface Change {
  readonly family: Family;
  readonly remove: readonly Ident[];
  /** Whole objects in the place of those with the same ident. */
  readonly replace: readonly OpsiObject[];
}

/** One kind of disorder. */
export interface Job {
  readonly id: string;
  readonly description: string;
  /** Looks once more in the transaction in which the change is made: nobody can repair it in between. */
  find(store: ObjectStore): Promise<Change>;
}
