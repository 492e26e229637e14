import type { Ident } from "../storage.ts";
import type { Dialect } from "./dialect.ts";
import type { Parameter } from "./fragment.ts";
import type { Layout } from "./layout.ts";
import { keyed, type Touch } from "./script.ts";

/** Columns of a table whose values an ident tells. */
interface Telling {
  readonly table: string;
  readonly columns: readonly string[];
  readonly attributes: readonly string[];
}

function telling({ identColumns }: Layout, table: string, key: readonly string[]): Telling {
  const told = identColumns.filter(({ column }) => key.includes(column));
  return { table, columns: told.map(({ column }) => column), attributes: told.map(({ attribute }) => attribute) };
}

/** Less than the key where less is unique, too: so the row is found that an INSERT changes instead. */
function uniqueKey({ table }: Layout): readonly string[] {
  const isPartOfKey = (columns: readonly string[]) => columns.every((column) => table.primaryKey.includes(column));
  return table.unique?.find(isPartOfKey) ?? table.primaryKey;
}

const known = new WeakMap<Layout, { readonly own: Telling; readonly values: Telling | null }>();

function tellingOf(layout: Layout) {
  let found = known.get(layout);
  if (!found) {
    const { table, values } = layout;
    found = {
      own: telling(layout, table.name, uniqueKey(layout)),
      values: values && telling(layout, values.table.name, values.key),
    };
    known.set(layout, found);
  }
  return found;
}

type MakeTouch = typeof keyed;

const touch = (make: MakeTouch, { table, columns, attributes }: Telling, ident: Ident, dialect: Dialect): Touch => {
  const values = attributes.map((attribute): Parameter => dialect.storable(String(ident[attribute])));
  return make(table, columns, values);
};

/** The row of an object. @param make `keyed` or `removed` */
export const rowsOf = (layout: Layout, ident: Ident, dialect: Dialect, make: MakeTouch): Touch =>
  touch(make, tellingOf(layout).own, ident, dialect);

/** The rows of its lists. */
export function rowsOfValues(layout: Layout, ident: Ident, dialect: Dialect): readonly Touch[] {
  const { values } = tellingOf(layout);
  return values ? [touch(keyed, values, ident, dialect)] : [];
}
