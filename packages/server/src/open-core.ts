import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSubtype, type OpsiObject } from "@opsi-ts/model";
import { AccessControl } from "./access-control/access-control.ts";
import { parseAcl } from "./access-control/acl-file.ts";
import { defaultAcl } from "./access-control/default-acl.ts";
import { storedHosts } from "./auth/stored-hosts.ts";
import { storedUsers } from "./auth/stored-users.ts";
import { SqliteStorage } from "./backends/sql/sqlite/sqlite-storage.ts";
import type { ServerCertificates } from "./certificates/server-certificates.ts";
import { writeFileAtomically } from "./configuration/atomic-file.ts";
import type { OpsiConf } from "./configuration/opsi-conf.ts";
import { compatibleVersion } from "./configuration/version.ts";
import type { Core, CoreSurroundings } from "./core.ts";
import type { Log } from "./logs/log.ts";
import { allMethods } from "./methods/all.ts";
import { type CallRecord, RpcService } from "./rpc/rpc-service.ts";
import { ensureDefaultConfigs } from "./setup/default-configs.ts";
import { ensureOwnHost } from "./setup/own-host.ts";

/** Data in SQLite, all methods, access rights from acl.conf; a new site gets its own host and the default configs. */
export async function openCore(surroundings: CoreSurroundings): Promise<Core> {
  const { configuration, conf, certificates, endSession, log } = surroundings;
  const { options, folders } = configuration;
  await using opening = new AsyncDisposableStack();
  const storage = opening.use(await SqliteStorage.open(join(folders.state, "opsi.sqlite")));
  await ensureOwnHost(storage, conf, folders, options.port);
  await ensureDefaultConfigs(storage, {
    hostId: conf.hostId,
    externalUrl: options.externalUrl,
    depotUser: conf.depotUser,
  });
  const methods = allMethods();
  const rpc = new RpcService({
    methods,
    storage,
    access: new AccessControl(readAcl(options.aclFile, conf)),
    site: {
      hostId: conf.hostId,
      version: compatibleVersion,
      folders,
      maxLogSize: options.maxLogSize,
      keepRotatedLogs: options.keepRotatedLogs,
      issueCertificate: (host) => certificates.issueForHost(certificateNames(host)),
      methods: () => methods.values(),
      endSession,
    },
    onCall: (record) => logCall(log, record),
  });
  const running = opening.move();
  return {
    rpc,
    hosts: storedHosts(storage),
    users: storedUsers(storage),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The rules of the file, which a new site gets. */
function readAcl(path: string, conf: OpsiConf) {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomically(path, defaultAcl);
  }
  return parseAcl(readFileSync(path, "utf8"), path, {
    admingroup: conf.adminGroup,
    fileadmingroup: conf.fileAdminGroup,
  });
}

/** Under which names a host is to be reached: for depots also those of its addresses. (service 1.10) */
function certificateNames(host: OpsiObject): Parameters<ServerCertificates["issueForHost"]>[0] {
  const urls = ["depotRemoteUrl", "depotWebdavUrl", "repositoryRemoteUrl", "workbenchRemoteUrl"];
  const names = urls.map((attribute) => /^\w+:\/\/(\[[^\]]+\]|[^:/]+)/.exec(String(host[attribute] ?? ""))?.[1] ?? "");
  const address = typeof host["ipAddress"] === "string" ? host["ipAddress"] : "";
  return {
    id: String(host["id"]),
    isDepot: isSubtype(host.type, "OpsiDepotserver"),
    names: [...names, address].map((name) => name.replace(/^\[|\]$/g, "")).filter((name) => name !== ""),
  };
}

function logCall(log: Log, { method, session, milliseconds, error, deprecated }: CallRecord): void {
  const fields = { subject: "rpc", client: session.address, method, milliseconds: Math.round(milliseconds) };
  if (error !== null) log.notice({ ...fields, user: session.username, err: error }, "call failed");
  else if (deprecated) log.info({ ...fields, user: session.username }, "deprecated method called");
  else log.info(fields, "call answered");
}
