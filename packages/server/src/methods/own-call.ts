import { AccessControl } from "../access-control/access-control.ts";
import { parseAcl } from "../access-control/acl-file.ts";
import { ProtectedObjects } from "../access-control/protected-objects.ts";
import { ownSession } from "../auth/own-session.ts";
import type { Storage } from "../backends/storage.ts";
import type { Call } from "./declare.ts";
import type { Site } from "./site.ts";

/** What the service does with its own rights, whatever acl.conf says: the pages of administrators, monitoring. */
export function ownCall(storage: Storage, site: Site): Call {
  const session = ownSession(site.hostId);
  const access = new AccessControl(parseAcl(".* : all", "own rules", { admingroup: "", fileadmingroup: "" }));
  return {
    session,
    access,
    storage,
    site,
    limits: null,
    objects: new ProtectedObjects(storage, access, session, null),
  };
}

/** Runs a method by its name. */
export async function runMethod(call: Call, name: string, ...values: unknown[]): Promise<unknown> {
  for (const method of call.site.methods()) if (method.name === name) return method.run(call, ...values);
  throw new Error(`No method ${name}`);
}
