import { type HardwareTypes, OpsiError } from "@opsi-ts/model";
import { raw, sql } from "../backends/sql/fragment.ts";
import type { ChangeWatch, WatchedStorage, WatchedTransaction } from "../backends/sql/sqlite/change-watch.ts";
import type { Database } from "../backends/sql/sqlite/database.ts";
import { currentActor } from "./actor.ts";
import { readChangeset } from "./changeset.ts";
import { ChangeCollector } from "./collect-changes.ts";
import { pruneTrail } from "./prune-trail.ts";
import { type AuditPage, type AuditQuery, readTrail } from "./read-trail.ts";
import { secretDigest } from "./secrets.ts";
import { tableMeanings } from "./table-meaning.ts";
import { appendChanges, createTrail } from "./trail-table.ts";
import { type AuditCheck, verifyTrail } from "./verify-trail.ts";

export interface AuditTrailOptions {
  /** Seals the ends of the chain and makes the digests of secrets. */
  readonly key: Uint8Array;
  /** False: nothing new is recorded, what is there can be read. */
  readonly recording: boolean;
  readonly hardware: HardwareTypes;
}

/**
 * Who changed what of the objects of a site, from where, when: records in the order of the changes, each of which
 * carries the hash of the one before it. A record is written in the transaction that makes the change, whatever made
 * it: SQLite tells which rows changed.
 */
export class AuditTrail implements ChangeWatch {
  readonly #options: AuditTrailOptions;
  #storage: WatchedStorage | null = null;
  #collector: ChangeCollector | null = null;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  attach(storage: WatchedStorage): void {
    const { key, hardware } = this.#options;
    createTrail(storage.writer, key);
    this.#storage = storage;
    this.#collector = new ChangeCollector(tableMeanings(hardware), surroundingsOf(storage.writer, key));
  }

  begin(): WatchedTransaction | null {
    const { key, recording } = this.#options;
    if (!recording || this.#storage === null || this.#collector === null) return null;
    const { writer } = this.#storage;
    const collector = this.#collector;
    const actor = currentActor();
    let session = writer.recordChanges();
    return {
      takeUp() {
        const changeset = session.changeset();
        if (changeset.length === 0) return;
        appendChanges(writer, key, actor, collector.collect(readChangeset(changeset), actor.user !== null));
        session.close();
        session = writer.recordChanges();
      },
      [Symbol.dispose]: () => session.close(),
    };
  }

  /** @throws BackendUnaccomplishableError where the objects lie in a database that has no trail */
  get #attached(): WatchedStorage {
    if (this.#storage !== null) return this.#storage;
    const text = "There is no audit trail: only a site with its objects in SQLite has one";
    throw new OpsiError("BackendUnaccomplishableError", text);
  }

  get isThere(): boolean {
    return this.#storage !== null;
  }

  async read(query: AuditQuery): Promise<AuditPage> {
    return readTrail(this.#attached.reader, this.#options.key, query);
  }

  /** @param after the record that was checked last, null to begin with the oldest one */
  async verify(after: number | null, count: number): Promise<AuditCheck> {
    return verifyTrail(this.#attached.reader, this.#options.key, after, count);
  }

  /** Removes records of before a time. @returns how many */
  async prune(before: Date): Promise<number> {
    return pruneTrail(this.#attached, this.#options.key, before.toISOString());
  }
}

function surroundingsOf(database: Database, key: Uint8Array) {
  return {
    columns: (table: string) =>
      database.rows(sql`SELECT name FROM pragma_table_info(${table})`).map(([name]) => String(name)),
    row: (table: string, column: string, number: unknown) => {
      const statement = sql`SELECT * FROM ${raw(`"${table}"`)} WHERE ${raw(`"${column}"`)} = ${Number(number)}`;
      return (database.rows(statement)[0] ?? []) as (string | number | null)[];
    },
    digest: (ident: string, attribute: string, value: string) => secretDigest(key, ident, attribute, value),
  };
}
