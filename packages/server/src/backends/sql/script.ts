import type { Fragment, Parameter } from "./fragment.ts";

/**
 * Rows of a table that a statement may change. `keyed`: those in which the columns have the values. `removed`: the same,
 * and they go. `found`: those for which a condition holds before the statement go, by the columns of their key. `added`:
 * the one that it adds, by its number.
 */
export type Touch = { readonly table: string; readonly columns: readonly string[] } & (
  | { readonly kind: "keyed" | "removed"; readonly values: readonly Parameter[] }
  | { readonly kind: "found"; readonly where: Fragment }
  | { readonly kind: "added" }
);

/**
 * One statement to run. `insert` adds one row to a table with numbered rows. `blind`: a change of which it does not
 * matter how many rows it meets; those that follow each other may be on their way to the database together.
 */
export interface Step {
  readonly kind: "rows" | "change" | "blind" | "insert";
  readonly statement: Fragment;
  /** Rows that other rows take along by a foreign key are not among them. */
  readonly touches: readonly Touch[];
}

export interface StepResult {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that a change met, or the number of the row that an insert added. */
  readonly count: number;
}

/** What is never looked at: the first call of a script's `next` gets it, and that after a `blind` step. */
export const noResult: StepResult = { rows: [], count: 0 };

/**
 * Statements of which each may depend on the results of those before it. Whoever plays a script decides how they are
 * run: at once in SQLite, over the network elsewhere.
 *
 *     const { count } = yield change(sql`DELETE FROM "HOST" WHERE "hostId" = ${id}`, [keyed("HOST", ["hostId"], [id])]);
 */
export type Script = Generator<Step, void, StepResult>;

const nothing: readonly Touch[] = [];

// Hot path (bench audit): each is made once per object.
const step = (kind: Step["kind"], statement: Fragment, touches: readonly Touch[]): Step => {
  return { kind, statement, touches };
};
export const rows = (statement: Fragment): Step => step("rows", statement, nothing);
export const change = (statement: Fragment, touches: readonly Touch[]): Step => step("change", statement, touches);
export const blind = (statement: Fragment, touches: readonly Touch[]): Step => step("blind", statement, touches);
export const insert = (statement: Fragment, touches: readonly Touch[]): Step => step("insert", statement, touches);

export function keyed(table: string, columns: readonly string[], values: readonly Parameter[]): Touch {
  return { kind: "keyed", table, columns, values };
}

export function removed(table: string, columns: readonly string[], values: readonly Parameter[]): Touch {
  return { kind: "removed", table, columns, values };
}
