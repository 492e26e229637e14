import type { Fragment } from "../fragment.ts";
import type { Database } from "./database.ts";

/** Rows that are joined to one text; bounds the memory of SQLite and the length of a string. */
const rowsPerChunk = 20_000;

/**
 * The JSON array of all rows of a statement that yields `json` and `row`, in pieces of UTF-8 that belong together.
 * All pieces show one state of the database.
 */
export function readJsonChunks(database: Database, statement: Fragment): Uint8Array[] {
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [encoder.encode("[")];
  const text = `SELECT group_concat(json, ','), max("row"), count(*) FROM (SELECT json, "row" FROM (${statement.text}) WHERE "row" > ? ORDER BY "row" LIMIT ${rowsPerChunk})`;
  database.execute("BEGIN");
  try {
    for (let last = -1, more = true; more; ) {
      const [row] = database.rows({ text, parameters: [...statement.parameters, last] });
      const [json, highest, count] = (row ?? []) as [string | null, number, number];
      if (json !== null) chunks.push(encoder.encode(chunks.length > 1 ? `,${json}` : json));
      last = highest;
      more = count === rowsPerChunk;
    }
  } finally {
    database.execute("COMMIT");
  }
  chunks.push(encoder.encode("]"));
  return chunks;
}
