import type { Fragment } from "../fragment.ts";
import type { Database } from "./database.ts";

/** Rows that are joined to one text; bounds the memory of SQLite and the length of a string. */
const rowsPerChunk = 20_000;

/**
 * The JSON array of all rows of statements that yield `json` and `row`, as UTF-8 in memory of its own. All of it shows
 * one state of the database.
 */
export function readJsonArray(
  database: Database,
  statements: readonly Fragment[],
): { readonly json: Uint8Array<ArrayBuffer>; readonly elements: number } {
  const chunks: Uint8Array[] = [];
  let elements = 0;
  const isPart = database.inTransaction;
  if (!isPart) database.execute("BEGIN");
  try {
    for (const statement of statements) {
      for (const { json, count } of rowsOf(database, statement)) {
        elements += count;
        chunks.push(json);
      }
    }
  } finally {
    if (!isPart) database.execute("COMMIT");
  }
  return { json: asArray(chunks), elements };
}

const [open, comma, close] = [0x5b, 0x2c, 0x5d] as const;

/** Elements that are separated inside of the chunks, as one array. */
function asArray(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    chunks.reduce((length, chunk) => length + chunk.length + 1, chunks.length === 0 ? 2 : 1),
  );
  let offset = 0;
  for (const chunk of chunks) {
    bytes[offset] = offset === 0 ? open : comma;
    bytes.set(chunk, offset + 1);
    offset += 1 + chunk.length;
  }
  if (chunks.length === 0) bytes[0] = open;
  bytes[bytes.length - 1] = close;
  return bytes;
}

function* rowsOf(database: Database, statement: Fragment): Generator<{ json: Uint8Array; count: number }> {
  for (let last = -1, more = true; more; ) {
    const portion = rowsAfter(database, statement, last, rowsPerChunk);
    if (portion.json !== null) yield { json: portion.json, count: portion.count };
    last = portion.last;
    more = portion.count === rowsPerChunk;
  }
}

interface Rows {
  /** Without brackets, null for none. */
  readonly json: Uint8Array | null;
  readonly last: number;
  readonly count: number;
}

/** The rows that follow the one with the number `last`. */
function rowsAfter(database: Database, statement: Fragment, last: number, limit: number): Rows {
  // As a BLOB the bytes come as they are: as a text they would be decoded, only to be encoded again.
  const text = `SELECT CAST(group_concat(json, ',') AS BLOB), max("row"), count(*) FROM (SELECT json, "row" FROM (${statement.text}) WHERE "row" > ? ORDER BY "row" LIMIT ${limit})`;
  const [row] = database.rows({ text, parameters: [...statement.parameters, last] });
  const [json, highest, count] = (row ?? []) as unknown as [Uint8Array | null, number, number];
  return { json, last: highest, count };
}

/** The JSON array of some rows after the one with the number `last`, and the number of its last. */
export function readPortion(
  database: Database,
  statement: Fragment,
  { last, limit }: { readonly last: number; readonly limit: number },
): { readonly json: Uint8Array<ArrayBuffer>; readonly elements: number; readonly last: number } {
  const rows = rowsAfter(database, statement, last, limit);
  return { json: asArray(rows.json ? [rows.json] : []), elements: rows.count, last: rows.last };
}
