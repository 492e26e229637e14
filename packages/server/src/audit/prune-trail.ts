import { OpsiError } from "@opsi-ts/model";
import type { WatchedDatabase } from "../backends/sql/change-watch.ts";
import { raw, sql } from "../backends/sql/fragment.ts";
import { aboutTrail, appendRecords, readEnd, type TrailWriter, writeEnd } from "./trail-table.ts";

/** Records that one transaction removes: nobody who writes waits for long. */
const recordsPerTransaction = 100;

/**
 * Removes the oldest records. The hash of the last one that goes is kept as the beginning of the chain, so that the
 * rest can still be verified; a record tells of it. The newest record always stays. A crash leaves some more records.
 *
 * @param before ISO 8601, UTC; the first record of this time or later ends it
 * @returns how many went
 * @throws BackendIOError for a beginning that this server did not write: a new one would hide what was done
 */
export async function pruneTrail(database: WatchedDatabase, key: Uint8Array, before: string): Promise<number> {
  let removed = 0;
  for (;;) {
    const gone = await database.transaction((runner) => removeOldest({ runner, database, key }, before));
    removed += gone;
    if (gone === recordsPerTransaction) continue;
    if (removed > 0) await database.transaction((runner) => tellOf({ runner, database, key }, removed));
    return removed;
  }
}

async function removeOldest(writer: TrailWriter, before: string): Promise<number> {
  const { runner, database, key } = writer;
  const first = await readEnd(runner, "first", key, database.lock);
  if (!first?.sealed) {
    throw new OpsiError("BackendIOError", "The beginning of the audit trail is not as this server wrote it");
  }
  const oldest = await runner.rows(
    sql`SELECT "sequence", "time", "hash" FROM "AUDIT_TRAIL" WHERE "sequence" > ${first.end.sequence}
      AND "sequence" < (SELECT max("sequence") FROM "AUDIT_TRAIL") ORDER BY "sequence" LIMIT ${raw(String(recordsPerTransaction))}`,
  );
  const kept = oldest.findIndex(([, time]) => String(time) >= before);
  const gone = kept < 0 ? oldest : oldest.slice(0, kept);
  const newest = gone.at(-1);
  if (newest === undefined) return 0;
  const [sequence, , hash] = newest;
  await writeEnd(writer, { name: "first", sequence: Number(sequence), hash: String(hash) });
  await runner.change(sql`DELETE FROM "AUDIT_TRAIL" WHERE "sequence" <= ${Number(sequence)}`);
  return gone.length;
}

async function tellOf(writer: TrailWriter, records: number): Promise<void> {
  const first = Number((await readEnd(writer.runner, "first", writer.key))?.end.sequence) + 1;
  await appendRecords(writer, [aboutTrail({ ident: "pruned", before: { first: first - records }, after: { first } })]);
}
