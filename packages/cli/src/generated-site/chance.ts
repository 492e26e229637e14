/**
 * Numbers that look random and depend on nothing but their names: whoever asks for the same thing again, in another
 * order or another run, gets the same answer.
 */
export class Chance {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** At least 0, less than 1. */
  share(...names: readonly (string | number)[]): number {
    return mix(hash(names.join("\u0000"), this.#seed)) / 2 ** 32;
  }

  /** At least 0, less than `count`. */
  below(count: number, ...names: readonly (string | number)[]): number {
    return Math.floor(this.share(...names) * count);
  }

  pick<T>(values: readonly [T, ...T[]], ...names: readonly (string | number)[]): T {
    return values[this.below(values.length, ...names)] ?? values[0];
  }
}

/** FNV-1a over UTF-16 units. */
function hash(text: string, seed: number): number {
  let value = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** Spreads what differs in a few bits over all of them (the last steps of MurmurHash3). */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
