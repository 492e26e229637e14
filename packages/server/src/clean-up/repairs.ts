import type { OpsiObject } from "@opsi-ts/model";
import type { ObjectStore } from "../backends/storage.ts";
import { depotConfigId } from "../depot/depot-data.ts";
import { configStates, groups, hosts, productsOnClients, productsOnDepots } from "../methods/families.ts";
import type { Job } from "./job.ts";

/** States without a value hide the value of the depot or of the config. (storage 7.1, row 17) */
export const emptyConfigStates: Job = {
  id: "configState_without_value",
  description: "configState whose only value is null",
  async find(store) {
    const found = await store.read(configStates, { filter: { values: "[null]" } });
    return { family: configStates, remove: found, replace: [] };
  },
};

/** Databases of old versions have parents without a name. (storage 7.1, row 1) */
export const emptyParentGroups: Job = {
  id: "group_with_empty_parent",
  description: "group whose parent has an empty id",
  async find(store) {
    const found = await store.read(groups, { filter: { parentGroupId: "" } });
    return { family: groups, remove: [], replace: found.map((group) => ({ ...group, parentGroupId: null })) };
  },
};

/** Old agents did not say which version they had installed: it is that of the client's depot. (storage 7.1, row 20) */
export const missingVersions: Job = {
  id: "productOnClient_without_version",
  description: "productOnClient that is installed in no version",
  async find(store) {
    const found = await store.read(productsOnClients, {
      filter: { installationStatus: "installed", productVersion: [null, ""] },
    });
    if (found.length === 0) return { family: productsOnClients, remove: [], replace: [] };
    const depotOf = await depotsOfClients(store, found);
    const offered = await store.read(productsOnDepots, {
      filter: { productId: distinct(found, "productId") },
    });
    const versions = new Map(offered.map((one) => [`${one["depotId"]};${one["productId"]}`, one]));
    const replace = found.flatMap((one) => {
      const onDepot = versions.get(`${depotOf(String(one["clientId"]))};${one["productId"]}`);
      if (!onDepot) return [];
      return [{ ...one, productVersion: onDepot["productVersion"], packageVersion: onDepot["packageVersion"] }];
    });
    return { family: productsOnClients, remove: [], replace };
  },
};

/** A database takes a list of so many values only: a thousand clients have the same products. */
const distinct = (objects: readonly OpsiObject[], attribute: string) => [
  ...new Set(objects.map((one) => one[attribute])),
];

/** The depot that serves a client: that of its state if it exists, else the config server. (storage 7.1) */
async function depotsOfClients(store: ObjectStore, onClients: readonly OpsiObject[]) {
  const servers = await store.read(hosts, {
    attributes: ["id"],
    filter: { type: ["OpsiDepotserver", "OpsiConfigserver"] },
  });
  const ids = new Set(servers.map(({ id }) => String(id)));
  const configserver = servers.find(({ type }) => type === "OpsiConfigserver");
  const states = await store.read(configStates, {
    filter: { configId: depotConfigId, objectId: distinct(onClients, "clientId") },
  });
  const assigned = new Map(
    states.map(({ objectId, values }) => [String(objectId), Array.isArray(values) ? String(values[0]) : ""]),
  );
  return (clientId: string) => {
    const depotId = assigned.get(clientId) ?? "";
    return ids.has(depotId) ? depotId : String(configserver?.["id"] ?? "");
  };
}
