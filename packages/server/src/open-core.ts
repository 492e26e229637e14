import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isOpsiError } from "@opsi-ts/model";
import { AccessControl } from "./access-control/access-control.ts";
import { parseAcl } from "./access-control/acl-file.ts";
import { defaultAcl } from "./access-control/default-acl.ts";
import { StoredHosts } from "./auth/stored-hosts.ts";
import { StoredUsers } from "./auth/stored-users.ts";
import { SqliteStorage } from "./backends/sql/sqlite/sqlite-storage.ts";
import { certificateNames } from "./certificates/host-names.ts";
import { writeFileAtomically } from "./configuration/atomic-file.ts";
import { HardwareCatalog } from "./configuration/hardware-catalog.ts";
import { compatibleVersion } from "./configuration/version.ts";
import type { Core, CoreSurroundings } from "./core.ts";
import { allMethods } from "./methods/all.ts";
import type { Site } from "./methods/site.ts";
import { type CallRecord, RpcService } from "./rpc/rpc-service.ts";
import { createConfigServer } from "./setup/config-server.ts";
import { createDefaultConfigs } from "./setup/default-configs.ts";

/** Opens the data of a site and puts methods and access rules over it. */
export async function openCore(surroundings: CoreSurroundings): Promise<Core> {
  const { configuration, conf, log } = surroundings;
  const { options, folders } = configuration;
  await using opening = new AsyncDisposableStack();
  const hardware = HardwareCatalog.read(folders.configuration);
  const storage = opening.use(await SqliteStorage.open(join(folders.state, "opsi.sqlite"), hardware.types));
  const own = {
    id: conf.hostId,
    opsiHostKey: conf.hostKey,
    hostName: configuration.hostName,
    port: Number(new URL(options.externalUrl).port || 443),
  };
  const depotIds = await createConfigServer(storage, own);
  const { externalUrl } = options;
  await createDefaultConfigs(storage, { hostId: conf.hostId, depotIds, externalUrl, depotUser: conf.depotUser });
  const methods = allMethods();
  const rpcLog = log.child({ subject: "rpc" });
  const rpc = new RpcService({
    methods,
    storage,
    access: new AccessControl(readAcl(surroundings)),
    site: site(surroundings, methods, hardware),
    onCall: ({ method, session, milliseconds, error, deprecated }: CallRecord) => {
      const fields = {
        method,
        caller: session.username,
        address: session.address,
        milliseconds: Math.round(milliseconds * 10) / 10,
      };
      if (error === null) rpcLog.info(deprecated ? { ...fields, deprecated } : fields, "call answered");
      else if (isOpsiError(error)) rpcLog.warning({ ...fields, error: error.message }, "call refused");
      else rpcLog.error({ ...fields, error: error instanceof Error ? error.stack : String(error) }, "call failed");
    },
  });
  const running = opening.move();
  return {
    rpc,
    hosts: new StoredHosts(storage),
    users: new StoredUsers(storage),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Reads acl.conf; a new site gets the default rules. (methods 4) */
function readAcl({ configuration, conf }: CoreSurroundings) {
  const { aclFile } = configuration.options;
  if (!existsSync(aclFile)) writeFileAtomically(aclFile, defaultAcl);
  const groups = { admingroup: conf.adminGroup, fileadmingroup: conf.fileAdminGroup };
  return parseAcl(readFileSync(aclFile, "utf8"), aclFile, groups);
}

function site(
  { configuration, conf, certificates, endSession }: CoreSurroundings,
  methods: ReturnType<typeof allMethods>,
  hardware: HardwareCatalog,
): Site {
  const { options, folders } = configuration;
  return {
    hostId: conf.hostId,
    version: compatibleVersion,
    folders,
    maxLogSize: options.maxLogSize,
    keepRotatedLogs: options.keepRotatedLogs,
    hardware,
    issueCertificate: (host) =>
      certificates.issueForHost({
        id: String(host["id"]),
        isDepot: host.type !== "OpsiClient",
        names: certificateNames(host),
      }),
    methods: () => methods.values(),
    endSession,
  };
}
