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
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [encoder.encode("[")];
  let elements = 0;
  const isPart = database.inTransaction;
  if (!isPart) database.execute("BEGIN");
  try {
    for (const statement of statements) {
      for (const { json, count } of rowsOf(database, statement)) {
        elements += count;
        chunks.push(encoder.encode(chunks.length > 1 ? `,${json}` : json));
      }
    }
  } finally {
    if (!isPart) database.execute("COMMIT");
  }
  chunks.push(encoder.encode("]"));
  return { json: joined(chunks), elements };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function* rowsOf(database: Database, statement: Fragment): Generator<{ json: string; count: number }> {
  for (let last = -1, more = true; more; ) {
    const portion = rowsAfter(database, statement, last, rowsPerChunk);
    if (portion.json !== null) yield { json: portion.json, count: portion.count };
    last = portion.last;
    more = portion.count === rowsPerChunk;
  }
}

interface Rows {
  /** Without brackets, null for none. */
  readonly json: string | null;
  readonly last: number;
  readonly count: number;
}

/** The rows that follow the one with the number `last`. */
function rowsAfter(database: Database, statement: Fragment, last: number, limit: number): Rows {
  const text = `SELECT group_concat(json, ','), max("row"), count(*) FROM (SELECT json, "row" FROM (${statement.text}) WHERE "row" > ? ORDER BY "row" LIMIT ${limit})`;
  const [row] = database.rows({ text, parameters: [...statement.parameters, last] });
  const [json, highest, count] = (row ?? []) as [string | null, number, number];
  return { json, last: highest, count };
}

/** The JSON array of some rows after the one with the number `last`, and the number of its last. */
export function readPortion(
  database: Database,
  statement: Fragment,
  { last, limit }: { readonly last: number; readonly limit: number },
): { readonly json: Uint8Array<ArrayBuffer>; readonly elements: number; readonly last: number } {
  const rows = rowsAfter(database, statement, last, limit);
  return { json: new TextEncoder().encode(`[${rows.json ?? ""}]`), elements: rows.count, last: rows.last };
}
