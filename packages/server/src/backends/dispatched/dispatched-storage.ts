import { type Family, isOpsiError, OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type { StorageName } from "../dispatch.ts";
import { cascades } from "../sql/cascades.ts";
import type { HardwareStorage, Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../storage.ts";
import { makeChange } from "./change.ts";
import { commitTogether } from "./commit-together.ts";
import { DispatchedSnapshot } from "./dispatched-snapshot.ts";
import { DispatchedStore } from "./dispatched-store.ts";
import { discardJournal, hasJournal, Journal, readJournal } from "./journal.ts";
import { addMissingKeys, checkSurplus, type KeyDifference, keyDifferences, storeOf } from "./key-copies.ts";
import { hasChangeableKey } from "./references.ts";
import type { SitePlan } from "./site-plan.ts";

export interface DispatchedStorageOptions {
  readonly plan: SitePlan;
  /** In the order in which they commit: one that may still refuse what it took comes first. */
  readonly storages: ReadonlyMap<StorageName, Storage>;
  /** Where a transaction that several storages must commit is noted. */
  readonly journal: string;
  /** Is told what went wrong without being lost. */
  onProblem(message: string): void;
}

/**
 * The objects of a site in several storages, as dispatch.conf says it. (storage 2) Each family is read from one; what
 * its objects refer to in another one is known there by its key: so foreign keys hold, and what hangs on an object goes
 * with it, wherever it is.
 */
export class DispatchedStorage implements Storage {
  readonly #plan: SitePlan;
  readonly #storages: ReadonlyMap<StorageName, Storage>;
  readonly #journalPath: string;
  readonly #onProblem: (message: string) => void;
  readonly hardware: HardwareStorage;
  /** Settles when the transaction that was last begun has ended; the next one waits for it. */
  #lastAlone: Promise<unknown> = Promise.resolve();

  private constructor({ plan, storages, journal, onProblem }: DispatchedStorageOptions) {
    this.#plan = plan;
    this.#storages = storages;
    this.#journalPath = journal;
    this.#onProblem = onProblem;
    this.hardware = this.#hardwareStorage();
  }

  /**
   * Takes over storages that are open, and closes them. Finishes what a crash has interrupted; keys of what was removed
   * by others go, with what hangs on them.
   *
   * @throws BackendConfigurationError where this would remove objects that only lie in the wrong storage
   */
  static async open(options: DispatchedStorageOptions): Promise<DispatchedStorage> {
    const storage = new DispatchedStorage(options);
    await storage.#finish();
    await storage.#compareKeys();
    return storage;
  }

  #home(family: Family): Storage {
    return storeOf(this.#storages, this.#plan.of(family).home);
  }

  get changes(): number {
    return this.#storages.values().reduce((sum, { changes }) => sum + changes, 0);
  }

  get doubtful(): readonly string[] {
    return [...this.#storages.values()].flatMap(({ doubtful = [] }) => doubtful);
  }

  read(family: Family, query?: Query): Promise<OpsiObject[]> {
    return this.#home(family).read(family, query);
  }

  readJson(family: Family, query: Query, form: "object" | "hash"): Promise<JsonText> {
    return this.#home(family).readJson(family, query, form);
  }

  readIdents(family: Family, query?: Query): Promise<Record<string, unknown>[]> {
    return this.#home(family).readIdents(family, query);
  }

  count(family: Family, query?: Query): Promise<number> {
    return this.#home(family).count(family, query);
  }

  async write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    const { kept, keys } = this.#plan.of(family);
    const isKeyChanged = keys.length > 0 && (mode !== "update" || hasChangeableKey(family));
    if (kept.length > 1 || isKeyChanged) return this.transaction((store) => store.write(family, objects, mode));
    await this.#settled();
    await this.#withKeys(() => this.#home(family).write(family, objects, mode));
  }

  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    const { kept, keys } = this.#plan.of(family);
    if (kept.length > 1 || keys.length > 0 || cascades[family.base.table]) {
      return this.transaction((store) => store.remove(family, idents));
    }
    await this.#settled();
    await this.#home(family).remove(family, idents);
  }

  #hardwareStorage(): HardwareStorage {
    const { home, kept } = this.#plan.hardware;
    const { hardware } = storeOf(this.#storages, home);
    if (kept.length === 1) return hardware;
    const write = (work: (store: ObjectStore) => Promise<void>) => this.transaction(work);
    return {
      read: (name, query) => hardware.read(name, query),
      count: (name, query) => hardware.count(name, query),
      readJson: (name, query, form) => hardware.readJson(name, query, form),
      write: (name, objects, mode) => write((store) => store.hardware.write(name, objects, mode)),
      remove: (name, objects) => write((store) => store.hardware.remove(name, objects)),
      removeOfHosts: (hostIds) => write((store) => store.hardware.removeOfHosts(hostIds)),
      moveToHost: (hostId, newHostId) => write((store) => store.hardware.moveToHost(hostId, newHostId)),
    };
  }

  snapshot(): Snapshot {
    return new DispatchedSnapshot(this.#plan, this.#storages, (work) => this.#alone(work));
  }

  /**
   * `work` may be called again, as in the transactions of the storages.
   *
   * @throws BackendTemporaryError where one storage has committed and another one is not there: the change counts, and
   *   is finished before the next one
   */
  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      await this.#finish();
      return this.#withKeys(() => this.#attempt(work));
    });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const previous = this.#lastAlone;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastAlone = promise;
    await previous;
    try {
      return await work();
    } finally {
      resolve();
    }
  }

  /** A host that somebody else has made, in a file for one, is not known everywhere yet. */
  async #withKeys<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isOpsiError(error, "BackendReferentialIntegrityError")) throw error;
      const write = (storage: StorageName) => (family: Family, keys: readonly OpsiObject[]) =>
        storeOf(this.#storages, storage).write(family, keys, "merge");
      if ((await this.#addMissingKeys(write)) === 0) throw error;
      return work();
    }
  }

  /** @returns how many were missing */
  async #addMissingKeys(
    write: (storage: StorageName) => (family: Family, keys: readonly OpsiObject[]) => Promise<void>,
  ): Promise<number> {
    let count = 0;
    for (const name of this.#storages.keys()) {
      count += await addMissingKeys(this.#plan, name, this.#storages, write(name));
    }
    return count;
  }

  async #attempt<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    let journal = new Journal(this.#journalPath);
    const completeKeys = async (store: DispatchedStore) => {
      await this.#addMissingKeys(
        (storage) =>
          ({ prefix }, objects) =>
            store.make([storage], { kind: "write", prefix, objects, mode: "merge" }),
      );
    };
    try {
      const { result, committed, failure } = await commitTogether(this.#storages, async (stores) => {
        await journal.discard();
        journal = new Journal(this.#journalPath);
        const value = await work(new DispatchedStore(this.#plan, stores, journal, completeKeys));
        await journal.decide();
        return value;
      });
      const left = [...journal.touched].filter((name) => !committed.has(name));
      if (left.length > 0 && left.length === journal.touched.size) throw failure;
      if (left.length > 0) await this.#catchUp(left);
      return result;
    } finally {
      if (!this.#hasJournal) await journal.discard();
    }
  }

  /** Whether a change was decided and is not made everywhere yet. */
  #hasJournal = true;

  /** The others have committed: there is no way back. */
  async #catchUp(names: readonly StorageName[]): Promise<void> {
    this.#hasJournal = true;
    try {
      for (const name of names) await this.#redo(name);
      this.#hasJournal = false;
    } catch (cause) {
      const list = names.map((name) => `'${name}'`).join(", ");
      throw new OpsiError(
        "BackendTemporaryError",
        `The change is stored, but not in ${list} yet: it follows before the next one`,
        { cause },
      );
    }
  }

  /** @returns whether there was something to do */
  async #redo(name: StorageName): Promise<boolean> {
    return storeOf(this.#storages, name).transaction(async (store) => {
      let isConcerned = false;
      for await (const { storage, change } of readJournal(this.#journalPath)) {
        if (storage !== name) continue;
        isConcerned = true;
        await makeChange(store, change);
      }
      return isConcerned;
    });
  }

  /**
   * Makes what a journal tells of in every storage. The first one may refuse it as it did then: so none has it. What
   * another one refuses, somebody has made impossible since.
   */
  async #finish(): Promise<void> {
    if (!this.#hasJournal) return;
    if (hasJournal(this.#journalPath)) {
      let isFirst = true;
      for (const name of this.#storages.keys()) {
        try {
          if (await this.#redo(name)) isFirst = false;
        } catch (error) {
          if (!isRefusal(error)) throw error;
          this.#onProblem(`'${name}' does not take a change that was interrupted: ${error.message}`);
          if (isFirst) break;
        }
      }
      await discardJournal(this.#journalPath);
    }
    this.#hasJournal = false;
  }

  /** Waits for what has to be made first. */
  async #settled(): Promise<void> {
    if (this.#hasJournal) await this.#alone(() => this.#finish());
  }

  async #compareKeys(): Promise<void> {
    const differences: KeyDifference[] = [];
    for (const name of this.#storages.keys()) {
      for await (const difference of keyDifferences(this.#plan, name, this.#storages)) differences.push(difference);
    }
    await checkSurplus(differences, this.#plan, this.#storages);
    // What is not understood is not gone.
    const isWhole = this.doubtful.length === 0;
    for (const { storage, family, surplus } of differences.toReversed()) {
      if (surplus.length > 0 && isWhole) await storeOf(this.#storages, storage).remove(family, surplus);
    }
    for (const { storage, family, missing } of differences) {
      if (missing.length > 0) await storeOf(this.#storages, storage).write(family, missing, "merge");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastAlone;
    for (const storage of this.#storages.values()) await storage[Symbol.asyncDispose]();
  }
}

/** What a storage says of objects, and not of itself. */
const refusals = [
  ...(["BackendReferentialIntegrityError", "BackendBadValueError", "BackendMissingDataError"] as const),
  ...(["BackendUnaccomplishableError", "ValueError"] as const),
];

const isRefusal = (error: unknown): error is OpsiError => refusals.some((name) => isOpsiError(error, name));
