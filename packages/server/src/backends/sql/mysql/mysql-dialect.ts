import { join, type Parameter, raw, sql } from "../fragment.ts";
import type { RemoteDialect } from "../remote/remote-dialect.ts";
import { withinRange } from "../within-range.ts";

/**
 * The modes of our sessions: standard SQL as SQLite understands it, and no text that is cut. The zero timestamp stays
 * possible, the original stores it. (storage 6.1)
 */
export const sqlMode = "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION";

/** The server binds 65535 values at most. */
const boundElements = 10_000;

const wideCharacters = /[\u{10000}-\u{10ffff}]/gu;

/**
 * A value as it is bound. No column holds characters of four bytes, and the server refuses to compare with them: they
 * become the character that stands for an unknown one. The driver takes whole numbers of any size as texts.
 */
export function bound(value: Parameter): string | number | null {
  if (typeof value === "bigint") return String(value);
  return typeof value === "string" ? value.replace(wideCharacters, "\ufffd") : value;
}

/** A text as a literal that means the same in every mode; nothing can end it. */
const hexadecimal = (value: Parameter) => `_utf8mb4 X'${Buffer.from(String(bound(value))).toString("hex")}'`;

/** The tables hold three bytes a character; what needs four becomes `?`, as in the original. (storage 6.3) */
const withoutWideCharacters = (text: string) => text.replace(wideCharacters, "?");

/** MariaDB and MySQL with our session's settings. Their collation compares as the original does. */
export const mysql: RemoteDialect = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  fold: (expression) => expression,
  like: (column, pattern) => sql`${column} LIKE ${pattern} ESCAPE '\\'`,
  leadingNumber: (expression) => sql`(${expression} + 0)`,
  elements: (list) =>
    list.length > boundElements
      ? raw(list.map(hexadecimal).join(", "))
      : join(
          list.map((element) => sql`${element}`),
          ", ",
        ),
  same: (left, right) => sql`${left} <=> ${right}`,
  storable(value, type = "text") {
    if (typeof value === "string") return withoutWideCharacters(value);
    return value === null ? null : withinRange(value, type);
  },
  longestText: 65_535,
  holdsNul: true,
  onConflict: () => "ON DUPLICATE KEY UPDATE",
  inserted: (column) => `VALUES(${mysql.quote(column)})`,
  defaultValues: "() VALUES ()",
  now: "CURRENT_TIMESTAMP",
  begin: {
    change: "START TRANSACTION",
    decide: "START TRANSACTION",
    decideAgain: "START TRANSACTION",
    snapshot: "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
  },
  lock: " FOR UPDATE",
  orderBy: () => "",
  hexadecimals: (column) => `group_concat(hex(${column}) ORDER BY hex(${column}))`,
};
