import type { OpsiObject } from "@opsi-ts/model";
import { type Fragment, sql } from "./fragment.ts";

/**
 * A new host takes its system UUID from the host that has it: a computer that is installed again under another name. The
 * original's database gives the whole row to the new host; here the old one keeps all but the UUID. (storage 6.4)
 *
 * The inner SELECT is there for MySQL, which does not look into the table that it changes.
 */
export function releaseSystemUuid({ id, systemUUID }: OpsiObject): Fragment {
  return sql`UPDATE "HOST" SET "systemUUID" = NULL WHERE "systemUUID" = ${String(systemUUID)} AND NOT EXISTS (SELECT 1 FROM (SELECT "hostId" FROM "HOST" WHERE "hostId" = ${String(id)} LIMIT 1) AS known)`;
}
