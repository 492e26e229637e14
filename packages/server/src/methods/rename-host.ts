import { OpsiError, rule } from "@opsi-ts/model";
import { onlySelf } from "../access-control/restriction.ts";
import { type Belonging, collectBelongings, renameDepot } from "../depot/rename-depot.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import {
  auditSoftwareOnClients,
  configStates,
  hosts,
  licenseOnClients,
  objectToGroups,
  productPropertyStates,
  productsOnClients,
  softwareLicenses,
} from "./families.ts";

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
    const belongings = await collectBelongings(store, clientBelongings, id, newId);
    await store.hardware.moveToHost(id, newId);
    await store.remove(hosts, [client]);
    await store.write(hosts, [{ ...client, id: newId }], "insert");
    for (const { family, objects } of belongings) await store.write(family, objects, "insert");
  });
  return null;
}

async function renameDepotserver(call: Call, givenOldId: unknown, givenNewId: unknown): Promise<null> {
  const oldId = rule.hostId.coerce(givenOldId);
  const newId = rule.hostId.coerce(givenNewId);
  checkPermissions(call);
  await call.storage.transaction(async (store) => {
    if (await renameDepot(store, oldId, newId)) return;
    throw new OpsiError("BackendMissingDataError", `Cannot rename: depot '${oldId}' not found`);
  });
  return null;
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
    run: renameDepotserver,
  },
];
