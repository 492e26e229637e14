import { networkInterfaces } from "node:os";
import { families, fromHash, OpsiConfigserver, setDefaults } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";
import type { OpsiConf } from "../configuration/opsi-conf.ts";
import type { SiteFolders } from "../configuration/site-folders.ts";

/**
 * The config server's own host object: made at the first start with the id and key of opsi.conf, afterwards only its
 * key is kept equal. (service 8.2 step 4, 8.3)
 */
export async function ensureOwnHost(
  storage: Storage,
  conf: OpsiConf,
  folders: SiteFolders,
  port: number,
): Promise<void> {
  const hosts = families.find(({ prefix }) => prefix === "host");
  if (hosts === undefined || conf.serverRole !== "configserver") return;
  const [known] = await storage.read(hosts, { filter: { type: "OpsiConfigserver" } });
  if (known !== undefined) {
    if (known["id"] !== conf.hostId) {
      throw new Error(`The config server is '${String(known["id"])}' in the data and '${conf.hostId}' in opsi.conf`);
    }
    if (known["opsiHostKey"] === conf.hostKey) return;
    const key = fromHash(OpsiConfigserver, { id: conf.hostId, opsiHostKey: conf.hostKey });
    return storage.write(hosts, [key], "update");
  }
  const name = conf.hostId;
  const host = fromHash(OpsiConfigserver, {
    id: name,
    opsiHostKey: conf.hostKey,
    depotLocalUrl: `file://${folders.depot}`,
    depotRemoteUrl: `smb://${name}/opsi_depot`,
    depotWebdavUrl: `webdavs://${name}:${port}/depot`,
    repositoryLocalUrl: `file://${folders.repository}`,
    repositoryRemoteUrl: `webdavs://${name}:${port}/repository`,
    workbenchLocalUrl: `file://${folders.workbench}`,
    workbenchRemoteUrl: `smb://${name}/opsi_workbench`,
    isMasterDepot: true,
    maxBandwidth: 0,
    ...ownNetwork(),
  });
  await storage.write(hosts, [setDefaults(host)], "insert");
}

/** Address and network of the first interface that leads somewhere, IPv4 preferred. */
function ownNetwork(): { ipAddress?: string; networkAddress?: string } {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80"));
  const chosen = outside.find(({ family }) => family === "IPv4") ?? outside[0];
  if (chosen === undefined) return {};
  const { address, netmask, family } = chosen;
  if (family !== "IPv4") return { ipAddress: address };
  const masks = netmask.split(".").map(Number);
  const network = address.split(".").map((part, at) => Number(part) & (masks[at] ?? 0));
  return { ipAddress: address, networkAddress: `${network.join(".")}/${netmask}` };
}
