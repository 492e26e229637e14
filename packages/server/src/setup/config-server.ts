import { networkInterfaces } from "node:os";
import { familyOf, fromHash, isSubtype, OpsiConfigserver, type OpsiObject } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";

export interface OwnHost {
  readonly id: string;
  readonly opsiHostKey: string;
  /** Fully qualified name of this machine. */
  readonly hostName: string;
  /** Port under which others reach the service. */
  readonly port: number;
}

/** The first address of this machine that others can reach, with its network. */
function ownAddress(): { ipAddress?: string; networkAddress?: string } {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const address = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  if (!address?.cidr) return {};
  const [, prefix = "32"] = address.cidr.split("/");
  const octets = address.address.split(".").map(Number);
  const bits = octets.reduce((all, octet) => all * 256 + octet, 0);
  const hosts = 2 ** (32 - Number(prefix));
  const network = Math.floor(bits / hosts) * hosts;
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join(".");
  return { ipAddress: address.address, networkAddress: `${dotted}/${prefix}` };
}

/** The server's own host object in a new site. (service 8.2 step 4, 8.3) */
function configServer({ id, opsiHostKey, hostName, port }: OwnHost): OpsiObject {
  return fromHash(OpsiConfigserver, {
    id,
    opsiHostKey,
    depotLocalUrl: "file:///var/lib/opsi/depot",
    depotRemoteUrl: `smb://${hostName}/opsi_depot`,
    depotWebdavUrl: `webdavs://${hostName}:${port}/depot`,
    repositoryLocalUrl: "file:///var/lib/opsi/repository",
    repositoryRemoteUrl: `webdavs://${hostName}:${port}/repository`,
    workbenchLocalUrl: "file:///var/lib/opsi/workbench",
    workbenchRemoteUrl: `smb://${hostName}/opsi_workbench`,
    maxBandwidth: 0,
    isMasterDepot: true,
    ...ownAddress(),
  });
}

/**
 * Makes sure that the site has its config server.
 *
 * @returns the ids of all depots, its own among them
 */
export async function createConfigServer(storage: Storage, own: OwnHost): Promise<string[]> {
  const hosts = familyOf("host");
  const servers = await storage.read(hosts, { attributes: ["opsiHostKey"], filter: { type: "OpsiDepotserver" } });
  const existing = servers.find(({ type }) => isSubtype(type, "OpsiConfigserver"));
  if (!existing) await storage.write(hosts, [configServer(own)], "insert");
  return [...new Set([...servers.map(({ id }) => String(id)), ...(existing ? [] : [own.id])])];
}
