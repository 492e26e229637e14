import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { isHash } from "@opsi-ts/model";
import { changesOfRows, type Row, type TableKey } from "../backends/sql/changed-rows.ts";
import type { Attributes, Change } from "./change.ts";
import type { ToldRows } from "./collect-changes.ts";

/*
 * What a record holds: the JSON text of its changes. Where that is long, the same compressed by zstd. Of many rows of
 * one table instead, as compressed JSON text, the table with all of them before and after: making changes of them would
 * cost more than writing them, and is done when somebody reads the record.
 */

/** Longer texts are compressed. */
const longText = 2000;

/** What a body may be decompressed to. */
const largestBody = 64_000_000;

const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function encodeChanges(changes: readonly Change[]): string | Uint8Array {
  const text = JSON.stringify(changes);
  return text.length > longText ? compressed(text) : text;
}

export const compressed = (text: string): Uint8Array => zstdCompressSync(text, fast);

/** @param rows JSON texts of arrays */
export function encodeRows(table: TableKey, rows: { readonly before: string; readonly after: string }): Uint8Array {
  const { name, columns, primaryKey } = table;
  const head = JSON.stringify({ name, columns, primaryKey }).slice(0, -1);
  return compressed(`${head},"before":${rows.before},"after":${rows.after}}`);
}

/** What a record holds: changes, or rows of which they are to be made. Of what we did not write there: nothing. */
export function decodeBody(body: string | Uint8Array): readonly Change[] | ToldRows {
  let value: unknown;
  try {
    value = JSON.parse(
      typeof body === "string" ? body : zstdDecompressSync(body, { maxOutputLength: largestBody }).toString(),
    );
  } catch {
    return []; // `verify` tells of it
  }
  if (Array.isArray(value)) return value.filter(isChange);
  if (!isRows(value)) return [];
  return { table: value, changes: changesOfRows(value, value.before, value.after) };
}

const isAttributes = (value: unknown): value is Attributes | null => typeof value === "object" && !Array.isArray(value);

const isChange = (value: unknown): value is Change =>
  isHash(value) && typeof value["ident"] === "string" && isAttributes(value["before"]) && isAttributes(value["after"]);

type StoredRows = TableKey & { readonly before: readonly Row[]; readonly after: readonly Row[] };

const isRows = (value: unknown): value is StoredRows =>
  isHash(value) &&
  typeof value["name"] === "string" &&
  ["columns", "primaryKey", "before", "after"].every((name) => Array.isArray(value[name]));
