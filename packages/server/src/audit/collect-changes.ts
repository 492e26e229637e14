import type { Row, RowChange, TableKey } from "../backends/sql/changed-rows.ts";
import type { Attributes, Change } from "./change.ts";
import { Elements } from "./elements.ts";
import { isSecretName } from "./secrets.ts";
import type { ColumnMeaning, TableMeaning } from "./table-meaning.ts";

/** Stands for a secret value. (secrets.ts) */
export type Digest = (ident: string, attribute: string, value: string) => string;

/** What became of rows of a table. */
export interface ToldRows {
  readonly table: TableKey;
  readonly changes: readonly RowChange[];
}

/** A table and where in its rows what stands. */
interface KnownTable {
  readonly meaning: TableMeaning;
  readonly columns: readonly (ColumnMeaning | undefined)[];
  readonly ident: readonly number[];
  readonly name: number;
}

/** One row on its way into the trail. */
interface Shown {
  readonly ident: string;
  /** Whether what the object has as values are secrets. */
  readonly secret: boolean;
}

/** Makes changes of objects from changes of rows. */
export class ChangeCollector {
  readonly #meanings: ReadonlyMap<string, TableMeaning>;
  readonly #digest: Digest;

  constructor(meanings: ReadonlyMap<string, TableMeaning>, digest: Digest) {
    this.#meanings = meanings;
    this.#digest = digest;
  }

  /**
   * The changes by the type of their objects.
   *
   * @param observations also tell of objects of which nothing changed but when they were last looked at
   */
  collect(told: Iterable<ToldRows>, observations: boolean): Map<string, Change[]> {
    const changes = new Map<string, Change[]>();
    const elements = new Elements();
    for (const { table: key, changes: rows } of told) {
      const meaning = this.#meanings.get(key.name);
      if (!meaning) continue;
      const table = knownTable(meaning, key.columns);
      for (const { before, after } of rows) {
        if (meaning.kind === "object") {
          const change = this.#objectChange(table, before, after, observations);
          if (change) listOfType(changes, meaning.type).push(change);
          continue;
        }
        for (const [side, row] of [["removed", before] as const, ["added", after] as const]) {
          if (row === null) continue;
          const shown = shownAs(table, row);
          elements.add(meaning, shown.ident, side, this.#attributes(table, row, shown));
        }
      }
    }
    elements.addTo(changes);
    return changes;
  }

  #objectChange(table: KnownTable, before: Row | null, after: Row | null, observations: boolean): Change | null {
    const shown = shownAs(table, before ?? after ?? []);
    const { ident } = shown;
    if (before === null) return { ident, before, after: after && this.#attributes(table, after, shown) };
    if (after === null) return { ident, before: this.#attributes(table, before, shown), after };
    const was: Record<string, unknown> = {};
    const is: Record<string, unknown> = {};
    let changed = false;
    for (const [at, column] of table.columns.entries()) {
      if (before[at] === after[at] || column === undefined || (column.observation && !observations)) continue;
      changed = true;
      was[column.attribute] = this.#value(column, before[at], shown);
      is[column.attribute] = this.#value(column, after[at], shown);
    }
    return changed ? { ident, before: was, after: is } : null;
  }

  #attributes({ columns }: KnownTable, row: Row, shown: Shown): Attributes {
    const attributes: Record<string, unknown> = {};
    for (let at = 0; at < row.length; at++) {
      const column = columns[at];
      if (row[at] === null || column === undefined) continue;
      attributes[column.attribute] = this.#value(column, row[at], shown);
    }
    return attributes;
  }

  #value({ attribute, kind, secret }: ColumnMeaning, value: unknown, shown: Shown): unknown {
    if (value === null || value === undefined) return null;
    const hide = (text: unknown) => this.#digest(shown.ident, attribute, String(text));
    if (secret || (shown.secret && attribute === "value")) return value === "" ? "" : hide(value);
    if (kind === "boolean") return value !== 0;
    if (kind !== "list") return value;
    const list = listOf(value);
    return shown.secret ? list.map(hide) : list;
  }
}

function listOfType(changes: Map<string, Change[]>, type: string): Change[] {
  let list = changes.get(type);
  if (!list) {
    list = [];
    changes.set(type, list);
  }
  return list;
}

function knownTable(meaning: TableMeaning, names: readonly string[]): KnownTable {
  return {
    meaning,
    columns: names.map((name) => meaning.columns.get(name)),
    ident: meaning.ident.map((name) => names.indexOf(name)),
    name: names.indexOf(meaning.nameOfValues ?? ""),
  };
}

function shownAs({ meaning, ident, name }: KnownTable, row: Row): Shown {
  let text = meaning.identPrefix;
  for (const at of ident) text += text === "" ? String(row[at] ?? "") : `;${row[at] ?? ""}`;
  return { ident: text, secret: name >= 0 && isSecretName(String(row[name])) };
}

/** What another program wrote into a column for lists may be anything. */
function listOf(text: unknown): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(String(text));
    return Array.isArray(list) ? list : [text];
  } catch {
    return [text];
  }
}
