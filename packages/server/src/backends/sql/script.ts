import type { Fragment } from "./fragment.ts";

/** One statement to run. `insert` adds one row to a table with numbered rows. */
export interface Step {
  readonly kind: "rows" | "change" | "insert";
  readonly statement: Fragment;
}

export interface StepResult {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that a change met, or the number of the row that an insert added. */
  readonly count: number;
}

/** What the first call of a script's `next` gets, which is never looked at. */
export const noResult: StepResult = { rows: [], count: 0 };

/**
 * Statements of which each may depend on the results of those before it. Whoever plays a script decides how they are
 * run: at once in SQLite, over the network elsewhere.
 *
 *     const { count } = yield change(sql`DELETE FROM "HOST" WHERE "hostId" = ${id}`);
 */
export type Script = Generator<Step, void, StepResult>;

export const rows = (statement: Fragment): Step => ({ kind: "rows", statement });
export const change = (statement: Fragment): Step => ({ kind: "change", statement });
export const insert = (statement: Fragment): Step => ({ kind: "insert", statement });
