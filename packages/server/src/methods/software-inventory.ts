import { forceList, OpsiError } from "@opsi-ts/model";
import { isPlainText } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { auditSoftwareOnClients } from "./families.ts";
import { deleteMatching } from "./objects.ts";

/**
 * Deletes the software of clients. The original asks nobody's rights here; a caller needs those to delete the objects,
 * and a client can forget its own software only. (objects 6.11, methods 21)
 *
 * @throws OpsiServicePermissionError
 * @throws ValueError for an empty list
 */
async function setObsolete({ access, objects, session }: Call, given: unknown): Promise<null> {
  access.check("auditSoftwareOnClient_deleteObjects", session);
  const ids = forceList(given);
  if (ids.length === 0) throw new OpsiError("ValueError", "No client id given", { field: "clientId" });
  const clientId = ids.filter(isPlainText).map((id) => id.toLowerCase());
  if (session.hostType === "OpsiClient" && clientId.some((id) => id !== session.hostId)) {
    throw new OpsiError("OpsiServicePermissionError", "Delete permission denied", { field: "clientId" });
  }
  if (clientId.length === 0) return null;
  await objects.transaction((store) => deleteMatching(store, auditSoftwareOnClients, { clientId }));
  return null;
}

/** (methods 13) */
export const softwareInventoryMethods: readonly Method[] = [
  {
    name: "auditSoftwareOnClient_setObsolete",
    doc: "Deletes the software of clients: a new inventory is about to be stored.",
    parameters: parameters("clientId"),
    access: "objects",
    run: setObsolete,
  },
];
