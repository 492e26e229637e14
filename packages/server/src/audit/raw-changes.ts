import { type RowChange, readChangeset } from "./changeset.ts";

/** Rows of one table as SQLite told of them, with what one needs to understand them later. */
export interface RawChanges {
  readonly table: string;
  /** Of the table, as they were then. */
  readonly columns: readonly string[];
  readonly changeset: Uint8Array;
}

/*
 * JSON text of table and columns, a line feed, the changeset
 */

/** The form in which a record keeps many rows: making objects and JSON of them would cost more than writing them. */
export function encodeRawChanges({ table, columns, changeset }: RawChanges): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify([table, columns])}\n`), changeset]);
}

/** @throws SyntaxError, RangeError for what `encodeRawChanges` did not make */
export function decodeRawChanges(bytes: Uint8Array): { columns: readonly string[]; rows: Iterable<RowChange> } {
  const end = bytes.indexOf(10);
  const head: unknown = JSON.parse(Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString());
  if (!Array.isArray(head) || !Array.isArray(head[1])) throw new SyntaxError("No columns of a table");
  return { columns: head[1].map(String), rows: readChangeset(bytes.subarray(end + 1)) };
}
