import type { OpsiObject } from "@opsi-ts/model";
import type { DataAccess, DepotData } from "./depot-data.ts";

/** The part of a service client that is needed: `ServiceClient.call`. */
export interface ServiceCalls {
  call<T>(method: string, params?: readonly unknown[]): Promise<T>;
}

/**
 * The objects of a site as a depot server has them: it asks the config service (packages 3.2). There is no transaction
 * over several calls; a failure in between leaves the product locked, and installing it again by force puts it right.
 */
export function serviceDepotData(service: ServiceCalls): DepotData {
  const write = async (method: string, objects: readonly OpsiObject[]) => {
    if (objects.length > 0) await service.call(method, [objects]);
  };
  const access: DataAccess = {
    read: (type, filter) => service.call(`${type}_getObjects`, [[], filter]),
    create: (type, objects) => write(`${type}_createObjects`, objects),
    update: (type, objects) => write(`${type}_updateObjects`, objects),
    remove: (type, objects) => write(`${type}_deleteObjects`, objects),
  };
  return {
    ...access,
    transaction: (work) => work(access),
    clientsOf: async (depotId) => {
      const assigned = await service.call<{ clientId: string }[]>("configState_getClientToDepotserver", [[depotId]]);
      return assigned.map(({ clientId }) => clientId);
    },
  };
}
