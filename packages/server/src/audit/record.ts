import { hash } from "node:crypto";
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
  /** JSON text of `Change[]`. */
  readonly changes: string;
}

/** The hash before the first record there ever was. */
export const noHash = "0".repeat(64);

/**
 * The hash of a record, which depends on all records before it: hexadecimal SHA-256 over the JSON text of the array of
 * the hash before and all columns in their order. No key is in it, so that anybody can follow the chain of an export.
 */
export function hashOf(previous: string, record: StoredRecord): string {
  const { sequence, time, user, host, address, method, type, changes } = record;
  return hash("sha256", JSON.stringify([previous, sequence, time, user, host, address, method, type, changes]));
}
