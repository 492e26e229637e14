import { OpsiError, type OpsiObject } from "@opsi-ts/model";
import { sendBroadcast } from "../host-control/broadcast.ts";
import { broadcastThroughDepot } from "../host-control/depot-broadcast.ts";
import { errorText, type HostResult } from "../host-control/host-control.ts";
import { inParallel } from "../host-control/in-parallel.ts";
import { broadcastTargets, magicPacket } from "../host-control/wake-on-lan.ts";
import { meantHosts } from "./controlled-hosts.ts";
import type { Call } from "./declare.ts";
import { clientToDepots } from "./depot-assignment.ts";
import { hosts } from "./families.ts";

/** Depots that are talked to at the same time. */
const parallel = 50;

/** The address of a depot's service: that of its WebDAV folders. */
function serviceUrl(depot: OpsiObject): string {
  const address = String(depot["depotWebdavUrl"] ?? "").replace(/^\w+:/, "https:");
  return URL.canParse(address) ? new URL(address).origin : `https://${depot["id"]}:4447`;
}

/** Sends wake-on-LAN packets, each from the depot that serves the host. (methods 10.6) */
export async function wakeHosts(call: Call, hostIds: unknown): Promise<Record<string, HostResult>> {
  const { site, storage } = call;
  const found = await meantHosts(call, hostIds);
  const depots = await storage.read(hosts, { filter: { type: ["OpsiDepotserver", "OpsiConfigserver"] } });
  const depotById = new Map(depots.map((depot) => [String(depot["id"]), depot]));
  const assigned = await clientToDepots(call);
  const depotOf = new Map(assigned.map(({ clientId, depotId }) => [clientId, depotId]));
  const { broadcastAddresses } = site.hostControl.settings;
  const results = await inParallel(found, parallel, async (host): Promise<HostResult> => {
    const id = String(host["id"]);
    try {
      const { hardwareAddress, ipAddress } = host;
      if (!hardwareAddress) {
        throw new OpsiError("BackendMissingDataError", `Failed to get hardware address for host '${id}'`);
      }
      const payload = magicPacket(String(hardwareAddress));
      const targets = broadcastTargets(broadcastAddresses, ipAddress ? String(ipAddress) : null);
      const depotId = depotOf.get(id) ?? site.hostId;
      const depot = depotById.get(depotId);
      if (depotId === site.hostId || !depot) {
        for (const { address, ports } of targets) await sendBroadcast(address, ports, payload);
      } else await broadcastThroughDepot(serviceUrl(depot), site.depotLogin, targets, payload);
      return { result: "sent", error: null };
    } catch (error) {
      return { result: null, error: errorText(error) };
    }
  });
  return Object.fromEntries(found.map(({ id }, index) => [String(id), results[index] as HostResult]));
}
