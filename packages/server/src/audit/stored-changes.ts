import { type HardwareTypes, isHash } from "@opsi-ts/model";
import { raw, sql } from "../backends/sql/fragment.ts";
import type { Database } from "../backends/sql/sqlite/database.ts";
import { isWanted } from "./actor.ts";
import type { Attributes, Change } from "./change.ts";
import { onlyTable, readChangeset } from "./changeset.ts";
import { ChangeCollector, type Surroundings } from "./collect-changes.ts";
import { decodeRawChanges, encodeRawChanges } from "./raw-changes.ts";
import { isSecretName, secretDigest } from "./secrets.ts";
import { type TableMeaning, tableMeanings } from "./table-meaning.ts";
import type { ChainedRecord, NewRecord } from "./trail-table.ts";

/** Changesets of more bytes, about a hundred rows, are kept as they are where that gives no secret away. */
const rawFrom = 16_384;

/** Changes on their way into records, and out of them. */
export class StoredChanges {
  readonly #meanings: ReadonlyMap<string, TableMeaning>;
  readonly #surroundings: Surroundings;
  readonly #collector: ChangeCollector;

  /** @param database where the rows are that change */
  constructor(database: Database, hardware: HardwareTypes, key: Uint8Array) {
    this.#meanings = tableMeanings(hardware);
    this.#surroundings = surroundingsOf(database, key);
    this.#collector = new ChangeCollector(this.#meanings, this.#surroundings);
  }

  /** @param observations see `ChangeCollector.collect` */
  recordsOf(changeset: Uint8Array, observations: boolean): NewRecord[] {
    const table = changeset.length >= rawFrom ? onlyTable(changeset) : null;
    const meaning = table === null ? undefined : this.#meanings.get(table);
    if (table !== null && meaning && isKeptRaw(meaning, changeset)) {
      const columns = this.#collector.columnNames(table);
      return [{ type: meaning.type, changes: encodeRawChanges({ table, columns, changeset }) }];
    }
    const changes = this.#collector.collect(readChangeset(changeset), observations);
    return [...changes].map(([type, list]) => ({ type, changes: list }));
  }

  /** The changes of a record. What somebody else wrote there may be anything: `verify` tells of it. */
  changesOf({ changes, type, user, method }: ChainedRecord): readonly Change[] {
    try {
      if (changes instanceof Uint8Array) {
        const { columns, rows } = decodeRawChanges(changes);
        const collector = new ChangeCollector(this.#meanings, { ...this.#surroundings, columns: () => columns });
        return collector.collect(rows, isWanted({ user, method })).get(type) ?? [];
      }
      const list: unknown = JSON.parse(changes);
      return Array.isArray(list) ? list.filter(isChange) : [];
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof RangeError) return [];
      throw error;
    }
  }
}

function isKeptRaw({ keptRaw }: TableMeaning, changeset: Uint8Array): boolean {
  if (keptRaw !== "withoutSecretNames") return keptRaw === "always";
  return !isSecretName(Buffer.from(changeset.buffer, changeset.byteOffset, changeset.byteLength).toString("latin1"));
}

const isAttributes = (value: unknown): value is Attributes | null => typeof value === "object" && !Array.isArray(value);

const isChange = (value: unknown): value is Change =>
  isHash(value) && typeof value["ident"] === "string" && isAttributes(value["before"]) && isAttributes(value["after"]);

function surroundingsOf(database: Database, key: Uint8Array): Surroundings {
  return {
    columns: (table) => database.rows(sql`SELECT name FROM pragma_table_info(${table})`).map(([name]) => String(name)),
    row: (table, column, number) => {
      const statement = sql`SELECT * FROM ${raw(`"${table}"`)} WHERE ${raw(`"${column}"`)} = ${Number(number)}`;
      return (database.rows(statement)[0] ?? []) as (string | number | null)[];
    },
    digest: (ident, attribute, value) => secretDigest(key, ident, attribute, value),
  };
}
