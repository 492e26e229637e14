import { familyOf, type OpsiObject } from "@opsi-ts/model";
import type { Filter, ObjectStore, Storage } from "../backends/storage.ts";

/** Prefixes of the types that a depot works with. */
export type DataType =
  | "config"
  | "configState"
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

/** The objects of this server, with its own rights. */
export function storedDepotData(storage: Storage): DepotData {
  const access = accessTo(storage);
  return {
    ...access,
    transaction: (work) => storage.transaction((store) => work(accessTo(store))),
    clientsOf: (depotId) => clientsOfDepot(access, depotId),
  };
}

function accessTo(store: ObjectStore): DataAccess {
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

/** The config whose value is the depot of a client. */
export const depotConfigId = "clientconfig.depot.id";

/** A client's depot is in its config state, else in the config; without both it is the config server. (packages 5.2) */
async function clientsOfDepot(data: DataAccess, depotId: string): Promise<string[]> {
  const first = (values: unknown) => (Array.isArray(values) && values[0] ? String(values[0]) : null);
  const [config] = await data.read("config", { id: depotConfigId });
  const [configServer] = await data.read("host", { type: "OpsiConfigserver" });
  const common = first(config?.["defaultValues"]) ?? configServer?.["id"];
  const states = await data.read("configState", { configId: depotConfigId });
  const own = new Map(states.map((state) => [state["objectId"], first(state["values"])]));
  const clients = await data.read("host", { type: "OpsiClient" });
  return clients.map(({ id }) => String(id)).filter((id) => (own.get(id) ?? common) === depotId);
}
