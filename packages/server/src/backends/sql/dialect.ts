import { type Fragment, type Parameter, raw, sql } from "./fragment.ts";

/** What differs between the databases in the statements that we write. */
export interface Dialect {
  quote(name: string): string;
  /** A JSON object as text from SQL expressions by key. */
  jsonObject(pairs: readonly (readonly [key: string, expression: Fragment])[]): Fragment;
  /** A column with 0, 1 or null as a JSON boolean. */
  jsonBoolean(expression: string): string;
  /** A column that holds JSON text, as JSON. */
  jsonText(expression: string): string;
  /** Free text in a form in which case, accents and trailing blanks do not count. */
  fold(expression: Fragment): Fragment;
  /** The number that a text begins with, 0 without one: what a text counts beside a number. */
  leadingNumber(expression: Fragment): Fragment;
  /** `values` of a set of rows as a JSON array of strings, ordered by code point. */
  jsonStrings(column: string, from: Fragment): Fragment;
  /** The same for 0 and 1 as booleans. */
  jsonBooleans(column: string, from: Fragment): Fragment;
  /** The JSON array of the objects in column `json` of a statement, as one text. */
  jsonRows(statement: string): string;
  /** A statement that yields the elements of a list, however long it is: one parameter in all. */
  elements(list: readonly Parameter[], each?: (element: Fragment) => Fragment): Fragment;
  /** The current local time as `YYYY-MM-DD HH:MM:SS`. */
  readonly now: string;
}

export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

const jsonArray = (element: string, column: string, from: Fragment) =>
  sql`json((SELECT '[' || coalesce(group_concat(${raw(element)}, ','), '') || ']' FROM (SELECT ${raw(column)} AS v ${from} ORDER BY v COLLATE BINARY)))`;

export const sqlite: Dialect = {
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
  now: "datetime('now', 'localtime')",
};
