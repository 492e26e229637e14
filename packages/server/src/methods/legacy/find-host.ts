import { OpsiError, type OpsiObject, rule } from "@opsi-ts/model";
import type { Call } from "../declare.ts";
import { hosts } from "../families.ts";

/** @throws BackendMissingDataError */
export async function findHost(
  { objects }: Call,
  hostId: unknown,
  kind: "Host" | "Depot" = "Host",
): Promise<OpsiObject> {
  const id = rule.hostId.coerce(hostId);
  const [found] = await objects.read(hosts, [], { id });
  if (found) return found;
  throw new OpsiError("BackendMissingDataError", `${kind} '${id}' not found`, { field: "hostId" });
}

/** The ids of the depots, the config server among them, that a filter leaves. */
export async function depotIds({ objects }: Call, filter: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
  const found = await objects.readIdents(hosts, { type: ["OpsiDepotserver", "OpsiConfigserver"], ...filter });
  return found.map(({ id }) => String(id));
}
