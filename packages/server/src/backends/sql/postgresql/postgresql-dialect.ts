import { createHash } from "node:crypto";
import type { IndexedColumn, SchemaDialect } from "../dialect.ts";
import { type Fragment, type Parameter, raw, sql } from "../fragment.ts";
import type { RemoteDialect } from "../remote/remote-dialect.ts";
import { withinRange } from "../within-range.ts";
import { foldFunction, textCollation } from "./text-order.ts";

/** Bytes of a name; longer ones the server would cut, and two could become one. */
const longestName = 63;

/** Bytes that a row of a b-tree has at most; a character takes up to four. */
const longestEntry = 2600;

function quote(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.length <= longestName) return `"${name.replaceAll('"', '""')}"`;
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return quote(`${bytes.toString("utf8", 0, 40).replaceAll("\ufffd", "")}_${digest}`);
}

/** Compares code points, whatever the collation of its parts. A single bound value is folded once, not for each row. */
function folded(expression: Fragment): Fragment {
  const call = sql`${raw(foldFunction)}(${expression})`;
  return expression.text === "?" ? sql`((SELECT ${call}) COLLATE "C")` : sql`(${call} COLLATE "C")`;
}

/** A pattern whose last backslash stands for itself, as MySQL takes it; this database would refuse it. */
function completed(pattern: string): string {
  const text = pattern.trimEnd();
  const backslashes = text.length - text.replace(/\\+$/, "").length;
  return backslashes % 2 === 0 ? text : `${text}\\`;
}

function columnType(declared: string): string {
  if (declared.startsWith("timestamp")) return 'text COLLATE "C"';
  if (/^tinyint|^smallint/.test(declared)) return "smallint";
  if (declared.startsWith("bigint")) return "bigint";
  if (/int/.test(declared)) return "integer";
  return declared.startsWith("double") ? "double precision" : `text COLLATE ${textCollation}`;
}

const mostBytes = ({ type }: IndexedColumn) => {
  const characters = /^varchar\((\d+)\)/.exec(type)?.[1];
  if (characters !== undefined) return Number(characters) * 4;
  return /^text|^varchar/.test(type) ? Number.POSITIVE_INFINITY : 32;
};

function createIndex(table: string, columns: readonly IndexedColumn[]): readonly string[] {
  const isShort = columns.reduce((sum, column) => sum + mostBytes(column), 0) <= longestEntry;
  const create = (names: readonly string[], kind: string) => {
    const index = quote(`index_${table}_${names.join("_")}`);
    return `CREATE INDEX IF NOT EXISTS ${index} ON ${quote(table)} USING ${kind} (${names.map(quote).join(", ")})`;
  };
  const names = columns.map(({ name }) => name);
  // A hash has the same length for every value, but only of one column.
  return isShort ? [create(names, "btree")] : names.map((name) => create([name], "hash"));
}

/** Of a single bound value the server can tell that an index leads to it. */
function same(left: Fragment, right: Fragment): Fragment {
  if (right.text !== "?") return sql`${left} IS NOT DISTINCT FROM ${right}`;
  return right.parameters[0] === null ? sql`${left} IS NULL` : sql`(${left} IS NOT NULL AND ${left} = ${right})`;
}

/** Lists of numbers are lists of numbers only. */
function elements(list: readonly Parameter[], each: (element: Fragment) => Fragment = (element) => element): Fragment {
  const isNumeric = list.length > 0 && list.every((element) => typeof element !== "string");
  const value = each(raw(isNumeric ? "CAST(value AS double precision)" : "value"));
  const texts = list.map((element) => (typeof element === "string" ? comparable(element) : element));
  return sql`SELECT ${value} FROM json_array_elements_text(CAST(${JSON.stringify(texts)} AS json))`;
}

/**
 * No text of the database has the character NUL or half of one, and the server refuses to compare with them: others are as
 * good.
 */
export const comparable = (text: string) => text.toWellFormed().replaceAll("\0", "\uffff");

/** Nobody writes it but at a start: whoever has it locked has his turn. */
export const schemaTable = '"OPSI_SCHEMA"';

/** PostgreSQL, with a collation and a function that make texts compare as in the original's database. */
export const postgresql: RemoteDialect & SchemaDialect = {
  quote,
  fold: folded,
  like: (column, pattern) =>
    sql`${folded(sql`CAST(${column} AS text)`)} LIKE ${folded(sql`${completed(pattern)}`)} ESCAPE '\\'`,
  leadingNumber: (expression) =>
    sql`CASE WHEN ${expression} IS NOT NULL THEN CAST(coalesce(substring(${expression} COLLATE "C" FROM '^\\s*-?\\d{1,255}(?:\\.\\d{1,255})?'), '0') AS double precision) END`,
  elements,
  same,
  storable: (value, type = "text") => (value === null || typeof value === "string" ? value : withinRange(value, type)),
  longestText: null,
  holdsNul: false,
  onConflict: (target) => `ON CONFLICT (${target.map(quote).join(", ")}) DO UPDATE SET`,
  inserted: (column) => `excluded.${quote(column)}`,
  defaultValues: "DEFAULT VALUES",
  now: "to_char(statement_timestamp(), 'YYYY-MM-DD HH24:MI:SS')",
  columnType,
  numberType: "integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
  createIndex,
  begin: {
    change: "BEGIN ISOLATION LEVEL READ COMMITTED",
    decide: "BEGIN ISOLATION LEVEL SERIALIZABLE",
    // Those who failed wait for each other, so that not all but one fail again. What it sees begins after the LOCK.
    decideAgain: `BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE ${schemaTable} IN EXCLUSIVE MODE`,
    snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
  },
  lock: "",
  orderBy: (columns) => ` ORDER BY ${columns.join(", ")}`, // of the collation, as the index has them
  hexadecimals: (column) =>
    `string_agg(encode(convert_to(${column}, 'UTF8'), 'hex'), ',' ORDER BY ${column} COLLATE "C")`,
};
