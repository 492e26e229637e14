import { type Family, familyOf, type HardwareTypeName, type OpsiObject } from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import type { Snapshot, Storage } from "../storage.ts";
import { storeOf } from "./key-copies.ts";
import type { SitePlan } from "./site-plan.ts";

/** Snapshots of several storages, of one moment. */
export class DispatchedSnapshot implements Snapshot {
  readonly #plan: SitePlan;
  readonly #storages: ReadonlyMap<StorageName, Storage>;
  readonly #alone: (work: () => Promise<void>) => Promise<void>;
  readonly #snapshots = new Map<StorageName, Snapshot>();
  #beginning: Promise<void> | null = null;

  /** @param alone does work while no transaction of several storages is under way */
  constructor(
    plan: SitePlan,
    storages: ReadonlyMap<StorageName, Storage>,
    alone: (work: () => Promise<void>) => Promise<void>,
  ) {
    this.#plan = plan;
    this.#storages = storages;
    this.#alone = alone;
  }

  /** A snapshot is that of its first read: of something small. */
  async #begin(): Promise<void> {
    this.#beginning ??= this.#alone(async () => {
      for (const [name, storage] of this.#storages) {
        const snapshot = storage.snapshot();
        this.#snapshots.set(name, snapshot);
        for await (const _users of snapshot.read(familyOf("user")));
      }
    });
    await this.#beginning;
  }

  async *read(family: Family): AsyncIterable<OpsiObject[]> {
    await this.#begin();
    yield* storeOf(this.#snapshots, this.#plan.of(family).home).read(family);
  }

  async *readHardware(name: HardwareTypeName): AsyncIterable<OpsiObject[]> {
    await this.#begin();
    yield* storeOf(this.#snapshots, this.#plan.hardware.home).readHardware(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#beginning?.catch(() => {});
    for (const snapshot of this.#snapshots.values()) await snapshot[Symbol.asyncDispose]();
  }
}
