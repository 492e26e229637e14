import { type Family, OpsiError, type OpsiObject, rule } from "@opsi-ts/model";
import { onlySelf } from "../access-control/restriction.ts";
import type { ObjectStore } from "../backends/storage.ts";
import { depotConfigId } from "./config-values.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import {
  auditSoftwareOnClients,
  configStates,
  configs,
  hosts,
  licenseOnClients,
  objectToGroups,
  productProperties,
  productPropertyStates,
  productsOnClients,
  productsOnDepots,
  softwareLicenses,
} from "./families.ts";

interface Belonging {
  readonly family: Family;
  /** The attribute with the host's id. */
  readonly attribute: string;
  readonly filter?: Readonly<Record<string, unknown>>;
}

/** What belongs to a client and moves along when it gets another id. (objects 6.1) */
const clientBelongings: readonly Belonging[] = [
  { family: objectToGroups, attribute: "objectId", filter: { groupType: "HostGroup" } },
  { family: productsOnClients, attribute: "clientId" },
  { family: productPropertyStates, attribute: "objectId" },
  { family: configStates, attribute: "objectId" },
  { family: auditSoftwareOnClients, attribute: "clientId" },
  { family: licenseOnClients, attribute: "clientId" },
  { family: softwareLicenses, attribute: "boundToHost" },
];

/** Asks beforehand what the steps need, so that nothing is half done. */
function checkPermissions({ access, session }: Call): void {
  access.check("host_getObjects", session);
  for (const method of ["host_deleteObjects", "host_createObjects"]) {
    // Who may touch nothing but himself may not become somebody else.
    if (onlySelf(access.check(method, session))) {
      throw new OpsiError("OpsiServicePermissionError", `No permission for method '${method}'`);
    }
  }
}

async function renameClient(call: Call, givenId: unknown, givenNewId: unknown): Promise<null> {
  const id = rule.hostId.coerce(givenId);
  const newId = rule.hostId.coerce(givenNewId);
  checkPermissions(call);
  await call.storage.transaction(async (store) => {
    const [client] = await store.read(hosts, { filter: { type: "OpsiClient", id } });
    if (!client) throw new OpsiError("BackendMissingDataError", `Cannot rename: client '${id}' not found`);
    if ((await store.readIdents(hosts, { filter: { id: newId } })).length > 0) {
      throw new OpsiError("BackendError", `Cannot rename: host '${newId}' already exists`);
    }
    const belongings = await collect(store, clientBelongings, id, newId);
    await store.hardware.moveToHost(id, newId);
    await store.remove(hosts, [client]);
    await store.write(hosts, [{ ...client, id: newId }], "insert");
    for (const { family, objects } of belongings) await store.write(family, objects, "insert");
  });
  return null;
}

async function collect(store: ObjectStore, belongings: readonly Belonging[], id: string, newId: string) {
  const collected: { family: Family; objects: OpsiObject[] }[] = [];
  for (const { family, attribute, filter = {} } of belongings) {
    const found = await store.read(family, { filter: { ...filter, [attribute]: id } });
    if (found.length > 0)
      collected.push({ family, objects: found.map((object) => ({ ...object, [attribute]: newId })) });
  }
  return collected;
}

/** Gives a depot another id. Everything that names it follows; all of it is done or nothing. (objects 6.1) */
export async function renameDepot(call: Call, givenOldId: unknown, givenNewId: unknown): Promise<null> {
  const oldId = rule.hostId.coerce(givenOldId);
  const newId = rule.hostId.coerce(givenNewId);
  checkPermissions(call);
  await call.storage.transaction(async (store) => {
    const [depot] = await store.read(hosts, { filter: { type: ["OpsiDepotserver", "OpsiConfigserver"], id: oldId } });
    if (!depot) throw new OpsiError("BackendMissingDataError", `Cannot rename: depot '${oldId}' not found`);
    const moved = await collect(
      store,
      [
        { family: productsOnDepots, attribute: "depotId" },
        { family: productPropertyStates, attribute: "objectId" },
        { family: configStates, attribute: "objectId" },
      ],
      oldId,
      newId,
    );
    if (oldId !== newId) await store.remove(hosts, [{ id: newId }]);
    await store.remove(hosts, [{ id: oldId }]);
    await store.write(hosts, [renamedDepot(depot, oldId, newId)], "insert");
    for (const { family, objects } of moved) {
      await store.write(
        family,
        objects.map((object) => withValue(object, ["values"], oldId, newId)),
        "insert",
      );
    }
    await replaceInValues(store, configs, {}, ["possibleValues", "defaultValues"], oldId, newId);
    await replaceInValues(store, productProperties, {}, ["possibleValues", "defaultValues"], oldId, newId);
    await replaceInValues(store, configStates, { configId: depotConfigId }, ["values"], oldId, newId);
  });
  return null;
}

const renamedUrls = ["repositoryRemoteUrl", "depotRemoteUrl", "depotWebdavUrl", "workbenchRemoteUrl"];

function renamedDepot(depot: OpsiObject, oldId: string, newId: string): OpsiObject {
  const shortName = (id: string) => id.split(".")[0] ?? id;
  const changed: Record<string, unknown> = { id: newId };
  for (const name of renamedUrls) {
    const url = depot[name];
    if (typeof url !== "string") continue;
    const renamed = url.replaceAll(oldId, newId);
    changed[name] = renamed === url ? url.replace(shortName(oldId), shortName(newId)) : renamed;
  }
  return { ...depot, ...changed };
}

/** The object with `oldId` in its value lists replaced. */
function withValue(object: OpsiObject, lists: readonly string[], oldId: string, newId: string): OpsiObject {
  const changes = lists.flatMap((name): [string, unknown][] => {
    const values = object[name];
    return Array.isArray(values) ? [[name, values.map((value) => (value === oldId ? newId : value))]] : [];
  });
  return { ...object, ...Object.fromEntries(changes) };
}

async function replaceInValues(
  store: ObjectStore,
  family: Family,
  filter: Readonly<Record<string, unknown>>,
  lists: readonly string[],
  oldId: string,
  newId: string,
): Promise<void> {
  const found = await store.read(family, { filter });
  const naming = found.filter((object) => lists.some((name) => (object[name] as unknown[] | null)?.includes(oldId)));
  await store.write(
    family,
    naming.map((object) => withValue(object, lists, oldId, newId)),
    "insert",
  );
}

export const renameHostMethods: readonly Method[] = [
  {
    name: "host_renameOpsiClient",
    doc: "Gives a client another id; everything that belongs to it moves along.",
    parameters: parameters("id newId"),
    access: "objects",
    run: renameClient,
  },
  {
    name: "host_renameOpsiDepotserver",
    doc: "Gives a depot another id; everything that names it follows.",
    parameters: parameters("oldId newId"),
    access: "objects",
    run: renameDepot,
  },
];
