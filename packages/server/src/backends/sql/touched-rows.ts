import { raw, sql } from "./fragment.ts";
import { type Key, KeyTree } from "./key-tree.ts";
import { noResult, rows, type Script, type Touch } from "./script.ts";

/** Rows of a table by the values of some columns. */
export interface TouchedKeys {
  readonly columns: readonly string[];
  readonly keys: KeyTree;
  /** They were removed, and may be there again. */
  readonly removed: boolean;
}

/** The rows that a transaction may have changed. */
export class TouchedRows {
  readonly #tables = new Map<string, TouchedKeys[]>();
  readonly #lock: string;

  /** @param lock what ends a read of rows that are going to be changed */
  constructor(lock: string) {
    this.#lock = lock;
  }

  get isEmpty(): boolean {
    return this.#tables.size === 0;
  }

  of(table: string): readonly TouchedKeys[] {
    return this.#tables.get(table) ?? [];
  }

  add(table: string, columns: readonly string[], key: Key, removed = false): void {
    this.#keysOf(table, columns, removed).add(key);
  }

  /** Hot path (bench audit): scripts name the same columns by the same array. */
  #keysOf(table: string, columns: readonly string[], removed: boolean): KeyTree {
    let known = this.#tables.get(table);
    if (!known) {
      known = [];
      this.#tables.set(table, known);
    }
    for (const each of known) if (each.columns === columns && each.removed === removed) return each.keys;
    let same = known.find((each) => each.removed === removed && each.columns.join() === columns.join());
    if (!same) {
      same = { columns, keys: new KeyTree(), removed };
      known.push(same);
    }
    return same.keys;
  }

  /** The same script; what its statements touch is noted. */
  *noting(script: Script): Script {
    let next = script.next(noResult);
    while (!next.done) {
      const { touches } = next.value;
      for (const touch of touches) if (touch.kind === "found") yield* this.#find(touch);
      const result = yield next.value;
      for (const touch of touches) {
        if (touch.kind === "keyed") this.add(touch.table, touch.columns, touch.values);
        else if (touch.kind === "removed") this.add(touch.table, touch.columns, touch.values, true);
        else if (touch.kind === "added") this.add(touch.table, touch.columns, [result.count]);
      }
      next = script.next(result);
    }
  }

  *#find({ table, columns, where }: Extract<Touch, { kind: "found" }>): Script {
    const list = raw(columns.map((name) => `"${name}"`).join(", "));
    const found = yield rows(sql`SELECT ${list} FROM ${raw(`"${table}"`)} WHERE ${where}${raw(this.#lock)}`);
    for (const values of found.rows) this.add(table, columns, values, true);
  }
}
