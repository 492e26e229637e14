/** A value of each column of a key. */
export type Key = readonly unknown[];

/** Values of one column with what follows them; nothing follows those of the last one. */
interface Level extends Map<unknown, Level | null> {}

/** Many keys, each once. Hot path (bench audit): no text is made of a key to find out whether it is there. */
export class KeyTree {
  readonly #root: Level = new Map();
  readonly #keys: Key[] = [];

  add(key: Key): void {
    let level = this.#root;
    const last = key.length - 1;
    for (let at = 0; at < last; at++) {
      let next = level.get(key[at]);
      if (!next) {
        next = new Map();
        level.set(key[at], next);
      }
      level = next;
    }
    if (level.has(key[last])) return;
    level.set(key[last], null);
    this.#keys.push(key);
  }

  /** All of them, some at a time. */
  *portions(size: number): Generator<readonly Key[]> {
    for (let at = 0; at < this.#keys.length; at += size) yield this.#keys.slice(at, at + size);
  }
}

/** Keys by all columns but the last, one object in the other; values of the last one as lists. */
export function nested(keys: readonly Key[], at = 0): unknown {
  if (at === (keys[0]?.length ?? 1) - 1) return keys.map((key) => key[at]);
  const groups = Map.groupBy(keys, (key) => key[at]);
  return Object.fromEntries(Array.from(groups, ([value, some]) => [value, nested(some, at + 1)]));
}
