import { createHmac, timingSafeEqual } from "node:crypto";
import { isHash } from "@opsi-ts/model";
import type { Entry, NewRecord } from "./trail-table.ts";

/*
 * An entry on its way into the chain, as text: the seal of the key, a line feed, JSON. Bodies of bytes are in base64.
 */

const sealOf = (key: Uint8Array, json: string) =>
  createHmac("sha256", key)
    .update(JSON.stringify(["pending", json]))
    .digest("hex");

/** Whoever can write where it lies must not be able to give the chain a record. */
export function encodePending(key: Uint8Array, { actor, time, records }: Entry): string {
  const bodies = records.map(({ type, changes }) =>
    typeof changes === "string" ? { type, changes } : { type, bytes: Buffer.from(changes).toString("base64") },
  );
  const json = JSON.stringify({ actor, time, records: bodies });
  return `${sealOf(key, json)}\n${json}`;
}

/** Null for what a server with this key did not write. */
export function decodePending(key: Uint8Array, text: string): Entry | null {
  const [seal = "", json = ""] = [text.slice(0, 64), text.slice(65)];
  const [expected, given] = [Buffer.from(sealOf(key, json)), Buffer.from(seal)];
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null;
  const { actor, time, records } = JSON.parse(json) as Omit<Entry, "records"> & { records: unknown[] };
  return { actor, time, records: records.filter(isHash).map(recordOf) };
}

function recordOf({ type, changes, bytes }: Readonly<Record<string, unknown>>): NewRecord {
  const body = typeof changes === "string" ? changes : Buffer.from(String(bytes), "base64");
  return { type: String(type), changes: body };
}

/** Characters in one text: packets of a database have a limit. */
const longText = 1_000_000;

/** The same in parts that are not too long. */
export function* partsOf({ records, ...entry }: Entry): Generator<Entry> {
  let part: NewRecord[] = [];
  let length = 0;
  for (const record of records) {
    if (length + record.changes.length > longText && part.length > 0) {
      yield { ...entry, records: part };
      part = [];
      length = 0;
    }
    part.push(record);
    length += record.changes.length;
  }
  if (part.length > 0) yield { ...entry, records: part };
}
