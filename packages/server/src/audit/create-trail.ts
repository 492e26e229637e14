import type { WatchedDatabase } from "../backends/sql/change-watch.ts";
import { raw, sql } from "../backends/sql/fragment.ts";
import { noHash } from "./record.ts";
import { sealOf } from "./seal.ts";
import { createTables, guards, lastTable } from "./trail-schema.ts";

/**
 * Makes the tables of a trail where they are missing. Several servers may do it at once.
 *
 * @param onProblem told where the database does not let us guard the records: verification finds what was changed
 */
export async function createTrail(
  database: WatchedDatabase,
  key: Uint8Array,
  onProblem: (message: string) => void,
): Promise<void> {
  const look = raw(`SELECT 1 FROM "${lastTable.name}" LIMIT 1`);
  const isThere = await database
    .read(async (runner) => runner.rows(look))
    .then(
      () => true,
      () => false,
    );
  if (isThere) return;
  for (const statement of createTables(database.kind)) await database.execute(statement);
  for (const guard of guards[database.kind]) {
    try {
      await database.execute(guard);
    } catch (error) {
      onProblem(
        `records of the audit trail are not guarded: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  await database.transaction(async (runner) => {
    const conflict = raw(`${database.dialect.onConflict(["name"])} "name" = ${database.dialect.inserted("name")}`);
    for (const name of ["first", "last"] as const) {
      const values = sql`(${name}, ${0}, ${noHash}, ${sealOf(key, { name, sequence: 0, hash: noHash })})`;
      await runner.change(
        sql`INSERT INTO "AUDIT_TRAIL_END" ("name", "sequence", "hash", "seal") VALUES ${values} ${conflict}`,
      );
    }
  });
  await database.execute(lastTable.create(database.kind));
}
