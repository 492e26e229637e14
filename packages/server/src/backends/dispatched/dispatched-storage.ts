import { type Family, isOpsiError, type OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type { StorageName } from "../dispatch.ts";
import { cascades } from "../sql/cascades.ts";
import type { HardwareStorage, Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../storage.ts";
import { DispatchedSnapshot } from "./dispatched-snapshot.ts";
import { DispatchedStore } from "./dispatched-store.ts";
import { addMissingKeys, checkSurplus, type KeyDifference, keyDifferences, storeOf } from "./key-copies.ts";
import { hasChangeableKey } from "./references.ts";
import type { SitePlan } from "./site-plan.ts";
import { Transactions } from "./transactions.ts";

export interface DispatchedStorageOptions {
  readonly plan: SitePlan;
  /** In the order in which they commit: one that may still refuse what it took comes first. */
  readonly storages: ReadonlyMap<StorageName, Storage>;
  /** Where a transaction that several storages must commit is noted. */
  readonly journal: string;
  /** Is told what went wrong without being lost. */
  onProblem(message: string): void;
}

/** Milliseconds. */
const pause = 2_000;

/**
 * The objects of a site in several storages, as dispatch.conf says it. (storage 2) Each family is read from one; what
 * its objects refer to in another one is known there by its key: so foreign keys hold, and what hangs on an object goes
 * with it, wherever it is.
 */
export class DispatchedStorage implements Storage {
  readonly #plan: SitePlan;
  readonly #storages: ReadonlyMap<StorageName, Storage>;
  readonly #transactions: Transactions;
  readonly hardware: HardwareStorage;

  private constructor({ plan, storages, journal, onProblem }: DispatchedStorageOptions) {
    this.#plan = plan;
    this.#storages = storages;
    this.#transactions = new Transactions(storages, journal, onProblem);
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
    await storage.#transactions.alone(() => storage.#compareKeys());
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
    await this.#transactions.settled();
    await this.#withKeys(() => this.#home(family).write(family, objects, mode));
  }

  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    const { kept, keys } = this.#plan.of(family);
    if (kept.length > 1 || keys.length > 0 || cascades[family.base.table]) {
      return this.transaction((store) => store.remove(family, idents));
    }
    await this.#transactions.settled();
    await this.#home(family).remove(family, idents);
  }

  #hardwareStorage(): HardwareStorage {
    const { home, kept } = this.#plan.hardware;
    const { hardware } = storeOf(this.#storages, home);
    const write = async (work: (store: Pick<ObjectStore, "hardware">) => Promise<void>) => {
      if (kept.length > 1) return this.transaction(work);
      await this.#transactions.settled();
      await work({ hardware });
    };
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
    return new DispatchedSnapshot(this.#plan, this.#storages, (work) => this.#transactions.alone(work));
  }

  /**
   * `work` may be called again, as in the transactions of the storages.
   *
   * @throws BackendTemporaryError where one storage has committed and another one is not there: the change counts, and
   *   is finished before the next one
   */
  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    const completeKeys = async (store: DispatchedStore) => {
      await this.#addMissingKeys(
        (storage) =>
          ({ prefix }, objects) =>
            store.make([storage], { kind: "write", prefix, objects, mode: "merge" }),
      );
    };
    return this.#transactions.alone(() =>
      this.#withKeys(() =>
        this.#transactions.run((stores, journal) =>
          work(new DispatchedStore(this.#plan, stores, journal, completeKeys)),
        ),
      ),
    );
  }

  /** A host that somebody else has made, in a file for one, is not known everywhere yet. */
  async #withKeys<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isOpsiError(error, "BackendReferentialIntegrityError") || performance.now() < this.#nextLook) throw error;
      const write = (storage: StorageName) => (family: Family, keys: readonly OpsiObject[]) =>
        storeOf(this.#storages, storage).write(family, keys, "merge");
      if ((await this.#addMissingKeys(write)) === 0) {
        this.#nextLook = performance.now() + pause;
        throw error;
      }
      return work();
    }
  }

  /** When keys are looked for again: whoever sends nonsense all the time must not make us compare all the time. */
  #nextLook = 0;

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
    await this.#transactions[Symbol.asyncDispose]();
    for (const storage of this.#storages.values()) await storage[Symbol.asyncDispose]();
  }
}
