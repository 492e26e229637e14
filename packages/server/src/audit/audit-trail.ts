import type { Session } from "node:sqlite";
import { type HardwareTypes, OpsiError } from "@opsi-ts/model";
import type { ChangeWatch, WatchedStorage, WatchedTransaction } from "../backends/sql/sqlite/change-watch.ts";
import { currentActor, isWanted } from "./actor.ts";
import { pruneTrail } from "./prune-trail.ts";
import { type AuditPage, type AuditQuery, readTrail } from "./read-trail.ts";
import { StoredChanges } from "./stored-changes.ts";
import { appendRecords, createTrail } from "./trail-table.ts";
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
  #attached: { readonly storage: WatchedStorage; readonly changes: StoredChanges } | null = null;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  attach(storage: WatchedStorage): void {
    const { key, hardware } = this.#options;
    createTrail(storage.writer, key);
    this.#attached = { storage, changes: new StoredChanges(storage.writer, hardware, key) };
  }

  begin(): WatchedTransaction | null {
    const { key, recording } = this.#options;
    if (!recording || this.#attached === null) return null;
    const { changes, storage } = this.#attached;
    const { writer } = storage;
    const actor = currentActor();
    let session: Session | null = writer.recordChanges();
    // Closed before records are written: those are no changes of the site's data.
    const takeUp = () => {
      const changeset = session?.changeset();
      session?.close();
      session = null;
      if (changeset === undefined || changeset.length === 0) return;
      appendRecords(writer, key, actor, changes.recordsOf(changeset, isWanted(actor)));
    };
    return {
      takeUp() {
        takeUp();
        session = writer.recordChanges();
      },
      finish: takeUp,
      [Symbol.dispose]: () => session?.close(),
    };
  }

  /** Whether the storage has a trail. */
  get isThere(): boolean {
    return this.#attached !== null;
  }

  /** @throws BackendUnaccomplishableError where the objects lie in a database that has no trail */
  #trail() {
    if (this.#attached !== null) return this.#attached;
    const text = "There is no audit trail: only a site with its objects in SQLite has one";
    throw new OpsiError("BackendUnaccomplishableError", text);
  }

  async read(query: AuditQuery): Promise<AuditPage> {
    const { storage, changes } = this.#trail();
    return readTrail(storage.reader, (record) => changes.changesOf(record), query);
  }

  /** @param after the record that was checked last, null to begin with the oldest one */
  async verify(after: number | null, count: number): Promise<AuditCheck> {
    return verifyTrail(this.#trail().storage.reader, this.#options.key, after, count);
  }

  /** Removes records of before a time. @returns how many */
  async prune(before: Date): Promise<number> {
    return pruneTrail(this.#trail().storage, this.#options.key, before.toISOString());
  }
}
