import { type Family, families, type OpsiObject } from "@opsi-ts/model";
import type { Filter, ObjectStore, Storage } from "../backends/storage.ts";

/** Prefixes of the types that a depot works with. */
export type DataType =
  | "config"
  | "host"
  | "product"
  | "productDependency"
  | "productOnClient"
  | "productOnDepot"
  | "productProperty"
  | "productPropertyState";

/** Reading and writing of objects, as the methods `<type>_getObjects` and so on do it. */
export interface DataAccess {
  read(type: DataType, filter: Filter): Promise<OpsiObject[]>;
  create(type: DataType, objects: readonly OpsiObject[]): Promise<void>;
  /** Attributes that are null stay as they are. */
  update(type: DataType, objects: readonly OpsiObject[]): Promise<void>;
  remove(type: DataType, objects: readonly OpsiObject[]): Promise<void>;
}

/** The objects of a site as a depot sees them: its own where the config server is, else those of the config service. */
export interface DepotData extends DataAccess {
  /** All or nothing. A depot server cannot promise this: there every call is a transaction of its own. */
  transaction<T>(work: (data: DataAccess) => Promise<T>): Promise<T>;
  /** Ids of the clients that the depot serves. (packages 5.2) */
  clientsOf(depotId: string): Promise<readonly string[]>;
}

const byPrefix: ReadonlyMap<string, Family> = new Map(families.map((family) => [family.prefix, family]));

/** The objects of this server, with its own rights. */
export function storedDepotData(storage: Storage, clientsOf: DepotData["clientsOf"]): DepotData {
  return {
    ...accessTo(storage),
    transaction: (work) => storage.transaction((store) => work(accessTo(store))),
    clientsOf,
  };
}

function accessTo(store: ObjectStore): DataAccess {
  const familyOf = (type: DataType): Family => {
    const family = byPrefix.get(type);
    if (!family) throw new Error(`No object family with prefix ${type}`);
    return family;
  };
  return {
    read: (type, filter) => store.read(familyOf(type), { filter }),
    create: async (type, objects) => {
      if (objects.length > 0) await store.write(familyOf(type), objects, "insert");
    },
    update: async (type, objects) => {
      if (objects.length > 0) await store.write(familyOf(type), objects, "update");
    },
    remove: async (type, objects) => {
      if (objects.length > 0) await store.remove(familyOf(type), objects);
    },
  };
}
