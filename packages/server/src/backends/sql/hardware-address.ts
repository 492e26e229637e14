import { OpsiError, type OpsiObject } from "@opsi-ts/model";
import { type Fragment, sql } from "./fragment.ts";

/** Addresses that several hosts may have, because they say nothing. */
const meaningless = "00:00:00";

/**
 * The statement that finds another host with the hardware address of a host that is to be written, null where there
 * is nothing to compare. (objects 6.1)
 */
export function hardwareAddressUser(host: OpsiObject): Fragment | null {
  const address = host["hardwareAddress"];
  if (typeof address !== "string" || address === "" || address.startsWith(meaningless)) return null;
  return sql`SELECT "hostId" FROM "HOST" WHERE "hardwareAddress" = ${address} AND "hostId" <> ${String(host["id"])} LIMIT 1`;
}

export function addressInUse(host: OpsiObject, userId: unknown): OpsiError {
  const text = `Hardware address '${host["hardwareAddress"]}' is already used by host '${userId}'`;
  return new OpsiError("ValueError", text, { field: "hardwareAddress" });
}
