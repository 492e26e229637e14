import { type Fragment, type Parameter, raw, sql } from "./fragment.ts";

/** What differs between the databases in the statements that we write. */
export interface Dialect {
  quote(name: string): string;
  /** Free text in a form in which case, accents and trailing blanks do not count. */
  fold(expression: Fragment): Fragment;
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
  /** What makes an INSERT change the row in its way instead; the assignments follow. No target means any unique key. */
  onConflict(target: readonly string[] | null): string;
  /** In these assignments, the value that would have been inserted. */
  inserted(column: string): string;
  /** What follows the table in an INSERT of nothing but defaults. */
  readonly defaultValues: string;
  /** The current local time as `YYYY-MM-DD HH:MM:SS`. */
  readonly now: string;
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

export const sqlite: JsonDialect = {
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
  leadingNumber: (expression) => sql`CAST(${expression} AS REAL)`,
  jsonStrings: (column, from) => jsonArray("json_quote(v)", column, from),
  jsonBooleans: (column, from) => jsonArray("iif(v = '1', 'true', 'false')", column, from),
  jsonRows: (statement) => `SELECT '[' || coalesce(group_concat(json, ','), '') || ']' FROM (${statement})`,
  elements: (list, each = (element) => element) =>
    sql`SELECT ${each(raw("value"))} FROM json_each(${JSON.stringify(list)})`,
  same: (left, right) => sql`${left} IS ${right}`,
  storable: (value) => value,
  longestText: null,
  onConflict: (target) => `ON CONFLICT${target ? ` (${target.map(sqlite.quote).join(", ")})` : ""} DO UPDATE SET`,
  inserted: (column) => `excluded.${sqlite.quote(column)}`,
  defaultValues: "DEFAULT VALUES",
  now: "datetime('now', 'localtime')",
};
