import { OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { ControlledHost } from "../host-control/host-control.ts";
import { filterValues } from "./arguments.ts";
import type { Call } from "./declare.ts";
import { configStates, hosts } from "./families.ts";

const portConfig = "opsiclientd.control_server.port";

/**
 * The hosts that a caller means, read with the server's rights: who may control hosts need not see their keys.
 *
 * @param hostIds ids, wildcards are possible; none means all
 * @throws BackendMissingDataError if there is none
 */
export async function meantHosts(
  { storage, limits }: Call,
  hostIds: unknown,
  type?: "OpsiClient",
): Promise<OpsiObject[]> {
  const id = filterValues(hostIds).map((value) => String(value).toLowerCase());
  const filter = { id, ...(type === undefined ? {} : { type }) };
  const all = await storage.read(hosts, { attributes: ["ipAddress", "opsiHostKey", "hardwareAddress"], filter });
  const found = limits === null ? all : limits.visibleHosts(all);
  if (found.length > 0) return found;
  throw new OpsiError("BackendMissingDataError", "No matching host ids found", { field: "hostIds" });
}

/** The clients that a caller means, as they are reached. */
export async function meantClients(call: Call, hostIds: unknown): Promise<ControlledHost[]> {
  const found = await meantHosts(call, hostIds, "OpsiClient");
  const objectId = found.map(({ id }) => id);
  const states = await call.storage.read(configStates, { filter: { configId: portConfig, objectId } });
  const ports = new Map(states.map((state) => [String(state["objectId"]), port(state["values"])]));
  return found.map(({ id, ipAddress, opsiHostKey }) => ({
    id: String(id),
    ipAddress: (ipAddress as string | null) || null,
    hostKey: (opsiHostKey as string | null) || null,
    port: ports.get(String(id)) ?? null,
  }));
}

function port(values: unknown): number | null {
  const number = Number(Array.isArray(values) ? values[0] : Number.NaN);
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : null;
}

/** @throws BackendMissingDataError: what turns computers off needs to be told which */
export function someHosts(hostIds: unknown, text: string): unknown {
  if (filterValues(hostIds).length > 0) return hostIds;
  throw new OpsiError("BackendMissingDataError", text, { field: "hostIds" });
}
