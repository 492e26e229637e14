import { hash } from "node:crypto";
import type { OpsiObject } from "@opsi-ts/model";

/** How many objects, and what they say. */
export interface Contents {
  readonly count: number;
  /** The same for the same objects in whatever order, 32 hexadecimal digits. */
  readonly hash: string;
}

const mask = (1n << 64n) - 1n;

/**
 * Counts objects and makes one hash of all of them: the sum of the hashes of each. So the order in which storages show
 * them does not count, but one that is there twice does. Null and empty texts count like nothing: files do not tell them
 * apart.
 */
export class Digest {
  #count = 0;
  #high = 0n;
  #low = 0n;

  add(object: OpsiObject): void {
    const bytes = hash("sha256", canonical(object), "buffer");
    this.#count++;
    this.#high = (this.#high + bytes.readBigUInt64BE(0)) & mask;
    this.#low = (this.#low + bytes.readBigUInt64BE(8)) & mask;
  }

  get count(): number {
    return this.#count;
  }

  get contents(): Contents {
    const digits = (part: bigint) => part.toString(16).padStart(16, "0");
    return { count: this.#count, hash: digits(this.#high) + digits(this.#low) };
  }
}

/** One text for equal objects. Idents are made of the rest. */
function canonical(object: OpsiObject): string {
  const pairs: unknown[] = [];
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (name !== "ident" && value !== null && value !== undefined && value !== "") pairs.push(name, value);
  }
  return JSON.stringify(pairs);
}

export const isSame = (one: Contents, other: Contents) => one.count === other.count && one.hash === other.hash;
