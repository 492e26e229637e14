import { createHmac, timingSafeEqual } from "node:crypto";

/** An end of the chain: `first` stands before the oldest record that is left, `last` is the newest one. */
export interface ChainEnd {
  readonly name: "first" | "last";
  readonly sequence: number;
  readonly hash: string;
}

/**
 * Proves that an end was written by somebody who has the key of the trail: whoever can only write to the database can
 * make a new chain, but no end that fits it.
 */
export function sealOf(key: Uint8Array, { name, sequence, hash }: ChainEnd): string {
  return createHmac("sha256", key)
    .update(JSON.stringify(["end", name, sequence, hash]))
    .digest("hex");
}

export function isSealed(key: Uint8Array, end: ChainEnd, seal: unknown): boolean {
  const [expected, given] = [Buffer.from(sealOf(key, end)), Buffer.from(String(seal))];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
