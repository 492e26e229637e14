import type { HardwareLayout } from "./hardware/hardware-layout.ts";
import type { Key } from "./key-tree.ts";
import { type ForeignKey, type Table, tables } from "./tables.ts";
import type { TouchedRows } from "./touched-rows.ts";

/** All columns of a row, in the order of its table. */
export type Row = readonly unknown[];

/** What a transaction did to one row. */
export interface RowChange {
  /** Null: it was not there. */
  readonly before: Row | null;
  /** Null: it is gone. */
  readonly after: Row | null;
}

/** What is to know of a table to tell its rows apart. */
export type TableKey = Pick<Table, "name" | "columns" | "primaryKey">;

/** Rows of one table before and after a transaction. */
export interface ChangedRows {
  readonly table: Table;
  /** JSON text of arrays of rows where nobody has looked at them: rows may be there that did not change. */
  readonly rows: { readonly before: string; readonly after: string } | readonly RowChange[];
}

/** Reads the rows of a table in which columns have the values of one of the keys, as the JSON text of an array of rows. */
export type ReadRows = (table: Table, columns: readonly string[], keys: readonly Key[]) => Promise<string>;

/** A table, and those whose rows go or change with its rows. */
interface Parent {
  readonly table: Table;
  readonly children: readonly { readonly table: Table; readonly key: ForeignKey }[];
}

/** Every table after those that it refers to. */
export type WatchedTables = readonly Parent[];

export function watchedTables(hardware: Iterable<HardwareLayout>): WatchedTables {
  const all = [...tables, ...[...hardware].flatMap(({ device, piece }) => [device, piece])];
  return all.map((parent) => ({
    table: parent,
    children: all.flatMap((table) =>
      (table.foreignKeys ?? [])
        .filter((key) => key.table === parent.name && key.onDelete !== "restrict")
        .map((key) => ({ table, key })),
    ),
  }));
}

/** Rows that are read in one go. */
const rowsAtOnce = 500;

/**
 * What became of the rows that a transaction has touched, table by table. To be read before the commit: until then
 * the rows are locked, so that what everybody else sees is what was there before.
 *
 * @param committed reads what everybody sees
 * @param own reads what the transaction sees
 */
export async function* changedRows(
  touched: TouchedRows,
  watched: WatchedTables,
  committed: ReadRows,
  own: ReadRows,
): AsyncGenerator<ChangedRows> {
  for (const { table, children } of watched) {
    const sets = touched.of(table.name);
    const told = new Set<string>();
    for (const { columns, keys, removed } of sets) {
      const isStable = columns.every((name) => table.primaryKey.includes(name));
      for (const some of keys.portions(rowsAtOnce)) {
        const before = await committed(table, columns, some);
        const after = await own(table, columns, some);
        // What was removed and is there again has taken others along.
        const mayTakeAlong = removed && children.length > 0;
        if (before === after && !mayTakeAlong) continue;
        if (isStable && sets.length === 1 && children.length === 0) {
          yield { table, rows: { before, after } };
          continue;
        }
        const sides = { before: rowsByKey(table, parse(before)), after: rowsByKey(table, parse(after)) };
        if (!isStable) {
          await complete(table, sides.before, sides.after, own);
          await complete(table, sides.after, sides.before, committed);
        }
        const changes = changesBetween(sides.before, sides.after, told);
        const gone = mayTakeAlong ? [...sides.before.values()] : changes.map((change) => change.before);
        for (const row of gone) if (row) touchChildren(table, row, children, touched);
        if (changes.length > 0) yield { table, rows: changes };
      }
    }
  }
}

type RowsByKey = Map<string, Row>;

function rowsByKey({ columns, primaryKey }: TableKey, rows: readonly Row[]): RowsByKey {
  const places = primaryKey.map((name) => columns.indexOf(name));
  return new Map(rows.map((row) => [JSON.stringify(places.map((place) => row[place])), row]));
}

const parse = (text: string) => JSON.parse(text) as Row[];
const parseKey = (text: string) => JSON.parse(text) as Key;

/** A row that is found on one side only may have other values in these columns on the other one. */
async function complete(table: Table, one: RowsByKey, other: RowsByKey, readOther: ReadRows): Promise<void> {
  const missing = [...one.keys()].filter((key) => !other.has(key));
  if (missing.length === 0) return;
  for (const [key, row] of rowsByKey(table, parse(await readOther(table, table.primaryKey, missing.map(parseKey)))))
    other.set(key, row);
}

function changesBetween(before: RowsByKey, after: RowsByKey, told: Set<string>): RowChange[] {
  const changes: RowChange[] = [];
  const tell = (key: string, was: Row | null, is: Row | null) => {
    if (told.has(key) || (was && is && was.every((value, at) => value === is[at]))) return;
    told.add(key);
    changes.push({ before: was, after: is });
  };
  for (const [key, row] of before) tell(key, row, after.get(key) ?? null);
  for (const [key, row] of after) if (!before.has(key)) tell(key, null, row);
  return changes;
}

/** Where a row goes, or is spelled otherwise, foreign keys change other rows. */
function touchChildren(table: Table, row: Row, children: Parent["children"], touched: TouchedRows): void {
  for (const { table: child, key } of children) {
    const values = key.references.map((name) => row[table.columns.indexOf(name)]);
    touched.add(child.name, key.columns, values, true);
  }
}

/** What became of rows, from all of them before and after. */
export const changesOfRows = (table: TableKey, before: readonly Row[], after: readonly Row[]): RowChange[] =>
  changesBetween(rowsByKey(table, before), rowsByKey(table, after), new Set());
