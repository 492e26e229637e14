import { type Family, type HardwareTypeName, type OpsiObject, setDefaults } from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import { cascades } from "../sql/cascades.ts";
import type { HardwareQuery, HardwareStore, Ident, ObjectStore, Query, WriteMode } from "../storage.ts";
import { type Change, makeChange } from "./change.ts";
import type { Journal } from "./journal.ts";
import { hasChangeableKey, keyOf } from "./references.ts";
import type { SitePlan } from "./site-plan.ts";

/** One transaction of several storages. */
export class DispatchedStore implements ObjectStore {
  readonly #plan: SitePlan;
  readonly #stores: ReadonlyMap<StorageName, ObjectStore>;
  readonly #journal: Journal;
  readonly #beforeCascade: (store: DispatchedStore) => Promise<void>;
  readonly hardware: HardwareStore;

  /** @param beforeCascade adds keys that are missing: what is deleted next looks for orphans */
  constructor(
    plan: SitePlan,
    stores: ReadonlyMap<StorageName, ObjectStore>,
    journal: Journal,
    beforeCascade: (store: DispatchedStore) => Promise<void>,
  ) {
    this.#plan = plan;
    this.#stores = stores;
    this.#journal = journal;
    this.#beforeCascade = beforeCascade;
    this.hardware = new DispatchedHardware(
      plan,
      (name) => this.#store(name),
      (names, change) => this.make(names, change),
    );
  }

  #store(name: StorageName): ObjectStore {
    const store = this.#stores.get(name);
    if (!store) throw new Error(`'${name}' has no transaction`);
    return store;
  }

  #home(family: Family): ObjectStore {
    return this.#store(this.#plan.of(family).home);
  }

  async make(names: readonly StorageName[], change: Change): Promise<void> {
    for (const storage of names) {
      await makeChange(this.#store(storage), change);
      await this.#journal.add({ storage, change });
    }
  }

  read(family: Family, query?: Query): Promise<OpsiObject[]> {
    return this.#home(family).read(family, query);
  }

  readIdents(family: Family, query?: Query): Promise<Record<string, unknown>[]> {
    return this.#home(family).readIdents(family, query);
  }

  count(family: Family, query?: Query): Promise<number> {
    return this.#home(family).count(family, query);
  }

  async write(family: Family, given: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    const { prefix } = family;
    const { kept, keys } = this.#plan.of(family);
    // A key that is made up must be the same everywhere, also when it is written once more.
    const objects = mode === "insert" ? given.map(setDefaults) : given;
    await this.make(kept, { kind: "write", prefix, objects, mode });
    if (mode === "update" && !hasChangeableKey(family)) return;
    const known = objects.map((object) => keyOf(family, object));
    await this.make(keys, { kind: "write", prefix, objects: known, mode: mode === "update" ? "update" : "merge" });
  }

  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    if (cascades[family.base.table]) await this.#beforeCascade(this);
    const { kept, keys } = this.#plan.of(family);
    await this.make([...keys, ...kept], { kind: "remove", prefix: family.prefix, idents });
  }
}

/** The hardware of a transaction of several storages. */
class DispatchedHardware implements HardwareStore {
  readonly #plan: SitePlan;
  readonly #store: (name: StorageName) => ObjectStore;
  readonly #make: (names: readonly StorageName[], change: Change) => Promise<void>;

  constructor(
    plan: SitePlan,
    store: (name: StorageName) => ObjectStore,
    make: (names: readonly StorageName[], change: Change) => Promise<void>,
  ) {
    this.#plan = plan;
    this.#store = store;
    this.#make = make;
  }

  read(name: HardwareTypeName, query?: HardwareQuery): Promise<OpsiObject[]> {
    return this.#store(this.#plan.hardware.home).hardware.read(name, query);
  }

  write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#make(this.#plan.hardware.kept, { kind: "writeHardware", name, objects, mode });
  }

  remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    return this.#make(this.#plan.hardware.kept, { kind: "removeHardware", name, objects });
  }

  removeOfHosts(hostIds: readonly string[]): Promise<void> {
    return this.#make(this.#plan.hardware.kept, { kind: "removeHardwareOfHosts", hostIds });
  }

  moveToHost(hostId: string, newHostId: string): Promise<void> {
    return this.#make(this.#plan.hardware.kept, { kind: "moveHardware", hostId, newHostId });
  }
}
