import { type ChangedRows, changesOfRows, type Row } from "../backends/sql/changed-rows.ts";
import { type Actor, isWanted } from "./actor.ts";
import type { ChangeCollector, ToldRows } from "./collect-changes.ts";
import { encodeChanges, encodeRows } from "./record-body.ts";
import { isSecretName } from "./secrets.ts";
import type { TableMeaning } from "./table-meaning.ts";
import type { Entry, NewRecord } from "./trail-table.ts";

/** Changes that one record holds at most: keeps what is read and checked in one go small. */
const changesPerRecord = 500;

/** Rows in more characters, about a hundred, are kept as they are where that gives no secret away. */
const longRows = 16_384;

/** Makes records of what a transaction changed. */
export class RecordedTransaction {
  readonly #meanings: ReadonlyMap<string, TableMeaning>;
  readonly #collector: ChangeCollector;
  readonly #actor: Actor;
  readonly #concerns: (table: string) => boolean;
  readonly #records: NewRecord[] = [];
  /** An object and its lists stand in several tables, but in one change. */
  #held: ToldRows[] = [];
  #heldRows = 0;

  /** @param concerns whether changes of a table count */
  constructor(
    meanings: ReadonlyMap<string, TableMeaning>,
    collector: ChangeCollector,
    actor: Actor,
    concerns: (table: string) => boolean,
  ) {
    this.#concerns = concerns;
    this.#meanings = meanings;
    this.#collector = collector;
    this.#actor = actor;
  }

  tell({ table, rows }: ChangedRows): void {
    if (!this.#concerns(table.name)) return;
    if (!("before" in rows)) this.#hold({ table, changes: rows });
    else {
      const meaning = this.#meanings.get(table.name);
      if (meaning && rows.before.length + rows.after.length >= longRows && isKeptRaw(meaning, rows)) {
        this.#records.push({ type: meaning.type, changes: encodeRows(table, rows) });
      } else {
        const [before, after] = [JSON.parse(rows.before) as Row[], JSON.parse(rows.after) as Row[]];
        this.#hold({ table, changes: changesOfRows(table, before, after) });
      }
    }
  }

  #hold(told: ToldRows): void {
    this.#held.push(told);
    this.#heldRows += told.changes.length;
    if (this.#heldRows >= changesPerRecord) this.#makeRecords();
  }

  #makeRecords(): void {
    const changes = this.#collector.collect(this.#held, isWanted(this.#actor));
    this.#held = [];
    this.#heldRows = 0;
    for (const [type, list] of changes) {
      for (let at = 0; at < list.length; at += changesPerRecord) {
        this.#records.push({ type, changes: encodeChanges(list.slice(at, at + changesPerRecord)) });
      }
    }
  }

  /** All that was told. */
  entry(): Entry {
    this.#makeRecords();
    return { actor: this.#actor, time: new Date().toISOString(), records: this.#records };
  }
}

function isKeptRaw({ keptRaw }: TableMeaning, { before, after }: { before: string; after: string }): boolean {
  if (keptRaw !== "withoutSecretNames") return keptRaw === "always";
  return !isSecretName(before) && !isSecretName(after);
}
