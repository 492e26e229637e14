import type { Log } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import { parseServiceAddress } from "@opsi-ts/protocol";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import { type Caller, readConfigValues } from "../configuration/read-from-service.ts";

export interface Depot {
  readonly id: string;
  /** `https://host:port` of the depot's service; null: the configuration service itself. */
  readonly origin: string | null;
  /** Path of the product folders on it, e.g. `/depot`. */
  readonly path: string;
}

interface DepotHost {
  readonly id: string;
  readonly type: string;
  readonly depotWebdavUrl: string | null;
}

/**
 * The depot from which products are fetched. Always over WebDAV, whatever `clientconfig.depot.protocol` says: the
 * agent keeps products in its cache instead of mounting the share. (agent §5.1)
 *
 * @throws OpsiError if the client has no depot, or one without WebDAV address
 */
export async function selectDepot(
  service: Caller,
  configuration: AgentConfiguration,
  productIds: readonly string[],
  log: Log,
): Promise<Depot> {
  const hostId = configuration.text("global.host_id");
  const values = await readConfigValues(service, hostId, [
    "clientconfig.depot.dynamic",
    "clientconfig.depot.protocol",
    "opsiclientd.depot_server.depot_id",
  ]);
  const fixed = [values["opsiclientd.depot_server.depot_id"]].flat()[0];
  const dynamic = [values["clientconfig.depot.dynamic"]].flat()[0] === true;
  let depotId = typeof fixed === "string" && fixed !== "" ? fixed : null;
  if (depotId === null) {
    const [assigned] = await service.call<{ depotId: string; alternativeDepotIds?: string[] }[]>(
      "configState_getClientToDepotserver",
      [null, [hostId], !dynamic, productIds],
    );
    depotId = assigned?.depotId ?? null;
    const alternatives = assigned?.alternativeDepotIds ?? [];
    if (alternatives.length > 0)
      log.info({ depotId, alternatives: alternatives.join(" ") }, "assigned depot is taken, not an alternative one");
  }
  if (depotId === null) throw new OpsiError("BackendMissingDataError", `No depot found for client '${hostId}'`);
  const [depot] = await service.call<DepotHost[]>("host_getObjects", [
    null,
    { type: "OpsiDepotserver", id: [depotId] },
  ]);
  if (depot === undefined) throw new OpsiError("BackendMissingDataError", `Depot '${depotId}' not found`);
  const address = /^(?:webdavs|https):\/\/([^/]+)(\/.*)?$/i.exec(depot.depotWebdavUrl ?? "");
  if (address === null) throw new OpsiError("BackendMissingDataError", `Depot '${depotId}' has no WebDAV address`);
  const [, host = "", path = "/depot"] = address;
  configuration.set("depot_server", "depot_id", depotId);
  configuration.set("depot_server", "url", depot.depotWebdavUrl ?? "");
  log.notice({ depotId, url: depot.depotWebdavUrl }, "depot selected");
  // The configuration service is reached already, perhaps under another name than the depot's address says.
  const own = depot.type === "OpsiConfigserver";
  return {
    id: depotId,
    origin: own ? null : parseServiceAddress(`https://${host}`).origin,
    path: path.replace(/\/+$/, ""),
  };
}
