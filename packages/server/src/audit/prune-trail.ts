import { OpsiError } from "@opsi-ts/model";
import { sql } from "../backends/sql/fragment.ts";
import type { WatchedStorage } from "../backends/sql/sqlite/change-watch.ts";
import type { Database } from "../backends/sql/sqlite/database.ts";
import { service } from "./actor.ts";
import { appendRecords, readEnd, trailType, writeEnd } from "./trail-table.ts";

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
export async function pruneTrail(storage: WatchedStorage, key: Uint8Array, before: string): Promise<number> {
  const { writer } = storage;
  let removed = 0;
  for (;;) {
    const gone = await storage.transaction(async () => removeOldest(writer, key, before));
    removed += gone;
    if (gone === recordsPerTransaction) continue;
    if (removed > 0) await storage.transaction(async () => tellOf(writer, key, removed));
    return removed;
  }
}

function removeOldest(writer: Database, key: Uint8Array, before: string): number {
  const first = readEnd(writer, "first", key);
  if (!first?.sealed) {
    throw new OpsiError("BackendIOError", "The beginning of the audit trail is not as this server wrote it");
  }
  const oldest = writer.rows(
    sql`SELECT "sequence", "time", "hash" FROM "AUDIT_TRAIL" WHERE "sequence" > ${first.end.sequence}
      AND "sequence" < (SELECT max("sequence") FROM "AUDIT_TRAIL") ORDER BY "sequence" LIMIT ${recordsPerTransaction}`,
  );
  const kept = oldest.findIndex(([, time]) => String(time) >= before);
  const gone = kept < 0 ? oldest : oldest.slice(0, kept);
  const newest = gone.at(-1);
  if (newest === undefined) return 0;
  const [sequence, , hash] = newest;
  writeEnd(writer, { name: "first", sequence: Number(sequence), hash: String(hash) }, key);
  writer.rows(sql`DELETE FROM "AUDIT_TRAIL" WHERE "sequence" <= ${Number(sequence)}`);
  return gone.length;
}

function tellOf(writer: Database, key: Uint8Array, records: number): void {
  const first = Number(readEnd(writer, "first", key)?.end.sequence) + 1;
  const change = { ident: "pruned", before: { first: first - records }, after: { first } };
  appendRecords(writer, key, service, [{ type: trailType, changes: [change] }]);
}
