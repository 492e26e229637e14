import type { Attributes, Change } from "./change.ts";
import type { ColumnValue, RowChange } from "./changeset.ts";
import { Elements } from "./elements.ts";
import { isSecretName } from "./secrets.ts";
import type { ColumnMeaning, TableMeaning } from "./table-meaning.ts";

/** What is needed of the database beside the changed rows. */
export interface Surroundings {
  /** The columns of a table in their order. */
  columns(table: string): readonly string[];
  /** A row as it is now, by its numbered key. */
  row(table: string, key: string, number: ColumnValue): readonly ColumnValue[];
  digest(ident: string, attribute: string, value: string): string;
}

type Row = readonly ColumnValue[];

/** A table and where in its rows what stands. */
interface KnownTable {
  readonly meaning: TableMeaning;
  readonly names: readonly string[];
  readonly columns: readonly (ColumnMeaning | undefined)[];
  readonly ident: readonly number[];
  readonly number: number;
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
  readonly #surroundings: Surroundings;
  readonly #tables = new Map<string, KnownTable | null>();

  constructor(meanings: ReadonlyMap<string, TableMeaning>, surroundings: Surroundings) {
    this.#meanings = meanings;
    this.#surroundings = surroundings;
  }

  /**
   * The changes by the type of their objects.
   *
   * @param observations also tell of objects of which nothing changed but when they were last looked at
   */
  collect(rows: Iterable<RowChange>, observations: boolean): Map<string, Change[]> {
    const changes = new Map<string, Change[]>();
    const elements = new Elements();
    const add = (type: string, change: Change | null) => {
      if (change === null) return;
      const known = changes.get(type);
      if (known) known.push(change);
      else changes.set(type, [change]);
    };
    for (const { table: name, before, after } of rows) {
      const table = this.#table(name);
      if (table === null) continue;
      const { meaning } = table;
      const key = before ?? after ?? [];
      if (meaning.kind === "object") {
        const shown = shownAs(table, key);
        add(meaning.type, this.#objectChange(table, before, after, shown, observations));
      } else if (before === null || after === null) {
        const side = before === null ? "added" : "removed";
        const shown = shownAs(table, key);
        elements.add(meaning, shown.ident, side, this.#attributes(table, key, shown));
      } else {
        // An update tells the number and what changed, and a number that is free again may be that of another object's
        // row: whose it is stands in the row.
        const now = this.#surroundings.row(name, meaning.number ?? "", before[table.number]);
        const was = now.map((value, at) => (after[at] === undefined ? value : before[at]));
        const [shown, shownBefore] = [shownAs(table, now), shownAs(table, was)];
        if (meaning.kind === "numbered" && shown.ident === shownBefore.ident) {
          add(meaning.type, this.#objectChange(table, before, after, shown, observations));
        } else {
          elements.add(meaning, shownBefore.ident, "removed", this.#attributes(table, was, shownBefore));
          elements.add(meaning, shown.ident, "added", this.#attributes(table, now, shown));
        }
      }
    }
    elements.addTo(changes);
    return changes;
  }

  #objectChange(
    table: KnownTable,
    before: Row | null,
    after: Row | null,
    shown: Shown,
    observations: boolean,
  ): Change | null {
    const { ident } = shown;
    if (before === null) return { ident, before, after: after && this.#attributes(table, after, shown) };
    if (after === null) return { ident, before: this.#attributes(table, before, shown), after };
    const was: Record<string, unknown> = {};
    const is: Record<string, unknown> = {};
    let changed = false;
    for (let at = 0; at < after.length; at++) {
      const column = table.columns[at];
      if (after[at] === undefined || column === undefined || (column.observation && !observations)) continue;
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

  #value({ attribute, kind, secret }: ColumnMeaning, value: ColumnValue, shown: Shown): unknown {
    if (value === null || value === undefined) return null;
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    const hide = (text: unknown) => this.#surroundings.digest(shown.ident, attribute, String(text));
    if (secret || (shown.secret && attribute === "value")) return value === "" ? "" : hide(value);
    if (kind === "boolean") return value !== 0;
    if (kind !== "list") return value;
    const list = listOf(value);
    return shown.secret ? list.map(hide) : list;
  }

  /** The columns of a table in their order. */
  columnNames(table: string): readonly string[] {
    return this.#table(table)?.names ?? [];
  }

  #table(name: string): KnownTable | null {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const meaning = this.#meanings.get(name);
    const table = meaning ? knownTable(meaning, this.#surroundings.columns(name)) : null;
    this.#tables.set(name, table);
    return table;
  }
}

function knownTable(meaning: TableMeaning, names: readonly string[]): KnownTable {
  return {
    meaning,
    names,
    columns: names.map((name) => meaning.columns.get(name)),
    ident: meaning.ident.map((name) => names.indexOf(name)),
    number: names.indexOf(meaning.number ?? ""),
    name: names.indexOf(meaning.nameOfValues ?? ""),
  };
}

function shownAs({ meaning, ident, name }: KnownTable, row: Row): Shown {
  let text = meaning.identPrefix;
  for (const at of ident) text += text === "" ? String(row[at] ?? "") : `;${row[at] ?? ""}`;
  return { ident: text, secret: name >= 0 && isSecretName(String(row[name])) };
}

/** What another program wrote into a column for lists may be anything. */
function listOf(text: string | number): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(String(text));
    return Array.isArray(list) ? list : [text];
  } catch {
    return [text];
  }
}
