import { createHash } from "node:crypto";
import type { Actor } from "./actor.ts";

/**
 * Changes of objects of one type by one call, as they are stored. A call with many changes, or of several types, has
 * several records.
 */
export interface StoredRecord extends Actor {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly type: string;
  /** JSON text of `Change[]`, or more in fewer bytes. (record-body.ts) */
  readonly changes: string | Uint8Array;
}

/** The hash before the first record there ever was. */
export const noHash = "0".repeat(64);

/**
 * The hash of a record, which depends on all records before it: hexadecimal SHA-256 over the JSON text of the array of
 * the hash before and the columns in their order, a line feed and the changes. No key is in it: what proves that the
 * chain is ours are the seals of its ends.
 */
export function hashOf(previous: string, record: StoredRecord): string {
  const { sequence, time, user, host, address, method, type, changes } = record;
  const form = typeof changes === "string" ? "text" : "rows";
  const head = JSON.stringify([previous, sequence, time, user, host, address, method, type, form]);
  return createHash("sha256").update(`${head}\n`).update(changes).digest("hex");
}
