import type { StatementRunner } from "../change-watch.ts";
import type { ReadRows } from "../changed-rows.ts";
import { join, type Parameter, raw, sql } from "../fragment.ts";
import type { Key } from "../key-tree.ts";

const list = (names: readonly string[]) => raw(names.map((name) => `"${name}"`).join(", "));

/** Few lengths, so that few statements have to be prepared. */
function padded(keys: readonly Key[]): readonly Key[] {
  const length = 2 ** Math.ceil(Math.log2(keys.length));
  return [...keys, ...Array<Key>(length - keys.length).fill(keys[0] ?? [])];
}

/** Rows by their keys, in the order of the table's key. Nobody waits for it, and it waits for nobody. */
export const readRows =
  (runner: StatementRunner): ReadRows =>
  async ({ name, columns, primaryKey }, by, keys) => {
    const conditions = padded(keys).map((key) => {
      const equal = by.map((column, place) => sql`${raw(`"${column}"`)} = ${key[place] as Parameter}`);
      return sql`(${join(equal, " AND ")})`;
    });
    const where = join(conditions, " OR ");
    const order = list(primaryKey);
    const rows = await runner.rows(
      sql`SELECT ${list(columns)} FROM ${raw(`"${name}"`)} WHERE ${where} ORDER BY ${order}`,
    );
    return JSON.stringify(rows);
  };
