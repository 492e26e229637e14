import { OpsiError, rule } from "@opsi-ts/model";
import type { Call } from "../declare.ts";
import { depotOfClient } from "../depot-assignment.ts";
import { hosts } from "../families.ts";
import { depotIds, findHost } from "./find-host.ts";
import { generalConfig, setGeneralConfigValue } from "./general-config.ts";
import { legacyMethods } from "./legacy-methods.ts";

/** Where a client finds its servers. (methods 16.1) */
async function networkConfig(call: Call, objectId: unknown): Promise<Record<string, unknown>> {
  const [server] = await call.objects.readIdents(hosts, { type: "OpsiConfigserver" });
  if (!server) throw new OpsiError("BackendMissingDataError", "No configserver found");
  const config = await generalConfig(call, objectId);
  const depotId = await responsibleDepot(call, objectId, config);
  const depot = await findHost(call, depotId, "Depot");
  const depotUrl = String(depot["depotRemoteUrl"] ?? "");
  const drive = config.get("clientconfig.depot.drive") ?? "";
  return {
    opsiServer: server["id"],
    nextBootServiceURL: config.get("clientconfig.configserver.url") ?? "",
    nextBootServerType: "service",
    depotId,
    depotUrl,
    depotDrive: drive,
    configUrl: depotUrl.replaceAll("/install", "/pcpatch"),
    configDrive: drive,
    utilsUrl: depotUrl.replaceAll("/install", "/utils"),
    utilsDrive: drive,
    winDomain: config.get("clientconfig.windows.domain") ?? "",
  };
}

async function responsibleDepot(call: Call, objectId: unknown, config: ReadonlyMap<string, string>): Promise<string> {
  if (!objectId) return config.get("clientconfig.depot.id") || call.site.hostId;
  const id = rule.hostId.coerce(objectId);
  const [depotId] = await depotIds(call, { id });
  return depotId ?? depotOfClient(call, id);
}

export const networkConfigMethods = legacyMethods({
  getNetworkConfig_hash: {
    signature: "objectId=None",
    doc: "Where a client finds its servers.",
    run: networkConfig,
  },
  getNetworkConfigValue: {
    signature: "key objectId=None",
    doc: "One value of getNetworkConfig_hash.",
    result: "str | None",
    run: async (call, key, objectId) => {
      const config = await networkConfig(call, objectId);
      return Object.hasOwn(config, String(key)) ? config[String(key)] : null;
    },
  },
  setNetworkConfig: {
    signature: "config objectId=None",
    doc: "Sets the depot of a client.",
    alternative: "configState_create",
    run: async (call, config, objectId) => {
      const { depotId } = rule.dict.coerce(config);
      if (!objectId || !depotId) {
        throw new OpsiError("NotImplementedError", "Please use general config to change values");
      }
      return setGeneralConfigValue(call, "clientconfig.depot.id", depotId, objectId);
    },
  },
});
