import { type Fragment, type Parameter, raw, sql } from "./fragment.ts";

/** What differs between the databases in the statements that we write. */
export interface Dialect {
  quote(name: string): string;
  /** Free text in a form in which case, accents and trailing blanks do not count. */
  fold(expression: Fragment): Fragment;
  /** Whether a column is like a pattern with `%`, `_` and `\\`; `isText`: one with free text. */
  like(column: Fragment, pattern: string, isText: boolean): Fragment;
  /** The number that a text begins with, 0 without one: what a text counts beside a number. */
  leadingNumber(expression: Fragment): Fragment;
  /** What stands between the brackets of IN for a list, however long it is. */
  elements(list: readonly Parameter[], each?: (element: Fragment) => Fragment): Fragment;
  /** Whether two values are equal or both null. */
  same(left: Fragment, right: Fragment): Fragment;
  /** The form in which a column of the type can keep a value; without a type: text. */
  storable(value: Parameter, type?: string): Parameter;
  /** Bytes that a column of the type `text` holds, null without a limit. */
  readonly longestText: number | null;
  /** Whether a text may have the character NUL. */
  readonly holdsNul: boolean;
  /** What makes an INSERT change the row with the same unique key instead; the assignments follow. */
  onConflict(target: readonly string[]): string;
  /** In these assignments, the value that would have been inserted. */
  inserted(column: string): string;
  /** What follows the table in an INSERT of nothing but defaults. */
  readonly defaultValues: string;
  /** The current local time as `YYYY-MM-DD HH:MM:SS`. */
  readonly now: string;
}

/** A database whose tables have the original's names and columns, but types and indexes of its own. */
export interface SchemaDialect extends Dialect {
  /** The type of a column for one in MySQL's notation. */
  columnType(declared: string): string;
  /** That of a column whose values the database counts up. */
  readonly numberType: string;
  /** The statements that create an index where it is missing. */
  createIndex(table: string, columns: readonly IndexedColumn[]): readonly string[];
}

export interface IndexedColumn {
  readonly name: string;
  /** In MySQL's notation. */
  readonly type: string;
}

/** A database that makes the JSON of what is read. */
export interface JsonDialect extends Dialect {
  /** A JSON object as text from SQL expressions by key. */
  jsonObject(pairs: readonly (readonly [key: string, expression: Fragment])[]): Fragment;
  /** A column with 0, 1 or null as a JSON boolean. */
  jsonBoolean(expression: string): string;
  /** A column that holds JSON text, as JSON. */
  jsonText(expression: string): string;
  /** `values` of a set of rows as a JSON array of strings, ordered by code point. */
  jsonStrings(column: string, from: Fragment): Fragment;
  /** The same for 0 and 1 as booleans. */
  jsonBooleans(column: string, from: Fragment): Fragment;
  /** The JSON array of the objects in column `json` of a statement, as one text. */
  jsonRows(statement: string): string;
}

export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

const jsonArray = (element: string, column: string, from: Fragment) =>
  sql`json((SELECT '[' || coalesce(group_concat(${raw(element)}, ','), '') || ']' FROM (SELECT ${raw(column)} AS v ${from} ORDER BY v COLLATE BINARY)))`;

/** Text compares without case, as in the original's collation. */
function sqliteType(declared: string): string {
  if (/^(big|tiny)?int/.test(declared)) return "INTEGER";
  return declared === "double" ? "REAL" : "TEXT COLLATE NOCASE";
}

export const sqlite: JsonDialect & SchemaDialect = {
  quote: (name) => `"${name}"`,
  jsonObject: (pairs) => {
    const parts = pairs.map(([key, expression]) => sql`${raw(literal(key))}, ${expression}`);
    return {
      text: `json_object(${parts.map(({ text }) => text).join(", ")})`,
      parameters: parts.flatMap(({ parameters }) => parameters),
    };
  },
  jsonBoolean: (expression) =>
    `json(CASE ${expression} WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE iif(${expression} IS NULL, 'null', 'true') END)`,
  jsonText: (expression) => `json(${expression})`,
  fold: (expression) => sql`fold(${expression})`,
  like: (column, pattern, isText) =>
    isText ? sql`fold(${column}) LIKE fold(${pattern}) ESCAPE '\\'` : sql`${column} LIKE ${pattern} ESCAPE '\\'`,
  leadingNumber: (expression) => sql`CAST(${expression} AS REAL)`,
  jsonStrings: (column, from) => jsonArray("json_quote(v)", column, from),
  jsonBooleans: (column, from) => jsonArray("iif(v = '1', 'true', 'false')", column, from),
  jsonRows: (statement) => `SELECT '[' || coalesce(group_concat(json, ','), '') || ']' FROM (${statement})`,
  elements: (list, each = (element) => element) =>
    sql`SELECT ${each(raw("value"))} FROM json_each(${JSON.stringify(list)})`,
  same: (left, right) => sql`${left} IS ${right}`,
  storable: (value) => value,
  longestText: null,
  holdsNul: true,
  onConflict: (target) => `ON CONFLICT (${target.map(sqlite.quote).join(", ")}) DO UPDATE SET`,
  inserted: (column) => `excluded.${sqlite.quote(column)}`,
  defaultValues: "DEFAULT VALUES",
  now: "datetime('now', 'localtime')",
  columnType: sqliteType,
  numberType: "INTEGER PRIMARY KEY",
  createIndex(table, columns) {
    const names = columns.map(({ name }) => name);
    const index = sqlite.quote(`index_${table}_${names.join("_")}`);
    return [`CREATE INDEX IF NOT EXISTS ${index} ON ${sqlite.quote(table)} (${names.map(sqlite.quote).join(", ")})`];
  },
};
