import type { BigIntStats } from "node:fs";

/**
 * MD5 sums of files in exactly the state in which they were written, so that they need not be read once more.
 *
 * A state is the file itself, size and times. The time of change, which no program can set, makes sure that a file is
 * not found any more when somebody wrote to it later: then it has to be read again. Moving its folder changes nothing.
 */
export class KnownHashes {
  readonly #sums = new Map<string, string>();

  /** @param text of `toString`; one text goes from thread to thread at once, objects per file do not */
  constructor(text = "") {
    for (const line of text.split("\n")) {
      const [state, md5] = line.split(" ");
      if (state !== undefined && md5 !== undefined) this.#sums.set(state, md5);
    }
  }

  /** @param stats of the file when its last byte and its times were written */
  add(stats: BigIntStats, md5: string): void {
    this.#sums.set(stateOf(stats), md5);
  }

  find(stats: BigIntStats): string | undefined {
    return this.#sums.get(stateOf(stats));
  }

  toString(): string {
    return [...this.#sums].map(([state, md5]) => `${state} ${md5}`).join("\n");
  }
}

const stateOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats) => `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
