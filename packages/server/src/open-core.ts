import { existsSync, readFileSync } from "node:fs";
import { join, parse, relative } from "node:path";
import type { Log } from "@opsi-ts/logging";
import { isOpsiError } from "@opsi-ts/model";
import { defaultLimits } from "@opsi-ts/protocol";
import { AccessControl } from "./access-control/access-control.ts";
import { parseAcl } from "./access-control/acl-file.ts";
import { defaultAcl } from "./access-control/default-acl.ts";
import { readAuditKey } from "./audit/audit-key.ts";
import { AuditTrail } from "./audit/audit-trail.ts";
import { pruneRegularly } from "./audit/prune-regularly.ts";
import { Credentials } from "./auth/credentials.ts";
import { ldapSettings } from "./auth/ldap/ldap-settings.ts";
import { PasswordFile } from "./auth/password-file.ts";
import { StoredHosts } from "./auth/stored-hosts.ts";
import { StoredUsers } from "./auth/stored-users.ts";
import { setSystemPassword } from "./auth/system-password.ts";
import { openStorage } from "./backends/open-storage.ts";
import { Connections } from "./backends/sql/sqlite/connections.ts";
import type { Storage } from "./backends/storage.ts";
import { withFilesOf } from "./backup/config-files.ts";
import { certificateNames } from "./certificates/host-names.ts";
import { cleanUp } from "./clean-up/clean-up.ts";
import { writeFileAtomically } from "./configuration/atomic-file.ts";
import { decodeText } from "./configuration/decode-text.ts";
import { HardwareCatalog } from "./configuration/hardware-catalog.ts";
import { readHostControlSettings } from "./configuration/host-control-settings.ts";
import type { Options } from "./configuration/option-table.ts";
import type { Configuration } from "./configuration/read-options.ts";
import { ServerCommands } from "./configuration/server-commands.ts";
import { compatibleVersion } from "./configuration/version.ts";
import type { Core, CoreSurroundings } from "./core.ts";
import { storedDepotData } from "./depot/depot-data.ts";
import { recoverDepot } from "./depot/product-folder.ts";
import { PxeControl, readPxeSettings } from "./depot/pxe-control.ts";
import { TransferSlots } from "./depot/transfer-slots.ts";
import { Extender } from "./extend/extender.ts";
import { HostControl } from "./host-control/host-control.ts";
import { licenseRoutes } from "./http/administration/license-routes.ts";
import { siteRoutes } from "./http/administration/site-routes.ts";
import { monitoringRoutes } from "./http/monitoring/monitoring-routes.ts";
import { allMethods } from "./methods/all.ts";
import { ownCall } from "./methods/own-call.ts";
import type { Site } from "./methods/site.ts";
import { CallHistory } from "./rpc/call-history.ts";
import { type CallRecord, RpcService } from "./rpc/rpc-service.ts";
import { createConfigServer } from "./setup/config-server.ts";
import { createDefaultConfigs } from "./setup/default-configs.ts";
import { storagePlaces } from "./setup/storage-places.ts";

/** Opens the data of a site and puts methods and access rules over it. */
export async function openCore(surroundings: CoreSurroundings): Promise<Core> {
  const { configuration, conf, log } = surroundings;
  const { options, folders } = configuration;
  await using opening = new AsyncDisposableStack();
  const hardware = HardwareCatalog.read(folders.configuration);
  const audit = new AuditTrail({
    key: readAuditKey(join(folders.configuration, "audit.key")),
    recording: options.auditKeepDays > 0,
    hardware: hardware.types,
    openDatabase: async () => new Connections(join(folders.state, "audit.sqlite")),
    onProblem: (reason) => log.warning({ subject: "audit", reason }, "trouble with the audit trail"),
  });
  const storages = storagePlaces(configuration, {
    ...{ serverId: conf.hostId, hardware: hardware.types, watch: audit },
    onProblem: (reason) => log.warning({ subject: "storage", reason }, "trouble with the stored objects"),
  });
  const storage = opening.use(await openStorage(storages));
  await opening.use(audit).start();
  keepAudit(audit, surroundings, opening);
  const own = {
    id: conf.hostId,
    opsiHostKey: conf.hostKey,
    hostName: configuration.hostName,
    port: Number(new URL(options.externalUrl).port || 443),
  };
  const depotIds = await createConfigServer(storage, own);
  const { externalUrl } = options;
  await createDefaultConfigs(storage, { hostId: conf.hostId, depotIds, externalUrl, depotUser: conf.depotUser });
  const credentials = openCredentials(surroundings, storage);
  if (conf.serverRole === "configserver") await giveDepotUserPassword(credentials, log);
  await recoverDepot(folders);
  const pxe = opening.use(
    new PxeControl(() => readPxeSettings(options.backendConfigDir, folders.root), log.child({ subject: "pxe" })),
  );
  const extender = opening.use(
    await Extender.open({
      folder: options.extensionConfigDir,
      builtIn: offeredMethods(options),
      log: log.child({ subject: "extension" }),
    }),
  );
  const { methods } = extender;
  const rpcLog = log.child({ subject: "rpc" });
  const calls = new CallHistory();
  const theSite = site(surroundings, storage, extender, hardware, audit, credentials, pxe, calls);
  await cleanUpAtStart(storage, log.child({ subject: "clean-up" }));
  let access = new AccessControl(readAcl(surroundings));
  const rpc = new RpcService({
    methods,
    storage,
    get access() {
      return access;
    },
    limits: { ...defaultLimits, ...bodyLimits(options.maxRequestSize) },
    site: theSite,
    onCall: (record: CallRecord) => {
      calls.add(record);
      const { method, session, milliseconds, error, deprecated } = record;
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
    users: new StoredUsers(storage, credentials),
    calls,
    routes: (figures) => {
      const own = ownCall(storage, theSite);
      return [...siteRoutes(own, calls), ...licenseRoutes(own), ...monitoringRoutes(own, { ...figures, calls })];
    },
    reload: () => {
      access = new AccessControl(readAcl(surroundings));
      log.notice({ subject: "configuration", path: options.aclFile }, "access rules read");
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A site that is out of order works; that it could not be cleaned up is for the log. (storage 7.1) */
async function cleanUpAtStart(storage: Storage, log: Log): Promise<void> {
  try {
    for (const { id, removed, repaired, examples } of await cleanUp(storage, { dryRun: false })) {
      log.notice({ id, removed, repaired, examples }, "objects that belong to nothing");
    }
  } catch (error) {
    log.error({ err: error }, "the clean-up failed");
  }
}

function offeredMethods({ provideDeprecatedMethods }: Options): ReturnType<typeof allMethods> {
  const all = allMethods();
  return provideDeprecatedMethods ? all : new Map([...all].filter(([, { deprecated }]) => deprecated !== true));
}

/** Keeps records as long as the site wants. */
function keepAudit(audit: AuditTrail, { configuration, log }: CoreSurroundings, opening: AsyncDisposableStack): void {
  const { auditKeepDays } = configuration.options;
  const auditLog = log.child({ subject: "audit" });
  if (auditKeepDays > 0) {
    const end = (records: number, error?: unknown) => {
      if (error !== undefined) auditLog.error({ err: error }, "old records of the audit trail could not be removed");
      else if (records > 0) auditLog.info({ records, days: auditKeepDays }, "old records of the audit trail removed");
    };
    opening.use(pruneRegularly(audit, auditKeepDays, end));
  }
}

/** @param megabytes option `max-request-size` */
const bodyLimits = (megabytes: number) => ({
  compressedBytes: megabytes * 1_000_000,
  decodedBytes: 2 * megabytes * 1_000_000,
});

function openCredentials({ configuration, conf }: CoreSurroundings, storage: Storage): Credentials {
  const { root, configuration: folder } = configuration.folders;
  const path = join(folder, "passwd");
  return new Credentials(storage, new PasswordFile(path, `/${relative(root, path)}`), {
    hostId: conf.hostId,
    depotUser: conf.depotUser,
    depotUserKeyFile: join(root, conf.depotUserHome, ".ssh/id_rsa"),
    // A site below another root is a trial: it must not touch the users of the machine.
    setSystemPassword: root === parse(root).root ? setSystemPassword : null,
  });
}

/** Without the operating system's user there are no shares; clients that use WebDAV need none. */
async function giveDepotUserPassword(credentials: Credentials, log: Log): Promise<void> {
  try {
    await credentials.ensureDepotUserPassword();
  } catch (error) {
    if (!isOpsiError(error, "RuntimeError")) throw error;
    log.warning({ subject: "setup", error: error.message }, "the shares' user has no password in the system");
  }
}

/** Reads acl.conf; a new site gets the default rules. (methods 4) */
function readAcl({ configuration, conf }: CoreSurroundings) {
  const { aclFile } = configuration.options;
  if (!existsSync(aclFile)) writeFileAtomically(aclFile, defaultAcl);
  const groups = { admingroup: conf.adminGroup, fileadmingroup: conf.fileAdminGroup };
  return parseAcl(decodeText(readFileSync(aclFile), aclFile), aclFile, groups);
}

/** Files by the names that backups have for them. (storage 7.6) */
function configFiles({ configFile, options, folders }: Configuration) {
  const backend = (name: string) => join(options.backendConfigDir, name);
  return {
    opsiconfd_conf: configFile,
    opsi_conf: options.opsiConfig,
    opsi_passwd: join(folders.configuration, "passwd"),
    opsi_users: options.usersFile,
    ssl_ca_key: options.sslCaKey,
    ssl_ca_cert: options.sslCaCert,
    ssl_server_key: options.sslServerKey,
    ssl_server_cert: options.sslServerCert,
    ssh_commands_custom: join(folders.state, "server_commands_custom.conf"),
    ssh_commands_default: join(folders.configuration, "server_commands_default.conf"),
    dhcpd_conf: backend("dhcpd.conf"),
    hostcontrol_conf: backend("hostcontrol.conf"),
    opsipxeconfd_conf: backend("opsipxeconfd.conf"),
    acl_conf: options.aclFile,
  };
}

function site(
  {
    configuration,
    conf,
    log,
    certificates,
    localUsers,
    applicationState,
    transfers,
    blockedAddresses,
    endSession,
    endUserSessions,
  }: CoreSurroundings,
  storage: Storage,
  extender: Extender,
  hardware: HardwareCatalog,
  audit: AuditTrail,
  credentials: Credentials,
  pxe: PxeControl,
  calls: CallHistory,
): Site {
  const { options, folders } = configuration;
  return {
    hostId: conf.hostId,
    version: compatibleVersion,
    folders,
    depot: {
      id: conf.hostId,
      data: storedDepotData(storage),
      folders,
      serverVersion: compatibleVersion,
      owner: { user: null, group: conf.fileAdminGroup },
      log: log.child({ subject: "depot" }),
    },
    maxLogSize: options.maxLogSize,
    keepRotatedLogs: options.keepRotatedLogs,
    hardware,
    audit,
    credentials,
    localUsers,
    hostControl: new HostControl({
      settings: () => readHostControlSettings(options.backendConfigDir),
      authority: async () => (await certificates.caCertificates()).opsiCa,
      anyCertificate: options.hostControlAnyCertificate,
    }),
    depotLogin: { hostId: conf.hostId, hostKey: conf.hostKey, caFile: options.sslCaCert },
    connectedHosts: () => [],
    pxe,
    transferSlots: new TransferSlots(),
    serverCommands: new ServerCommands(folders, (path, reason) =>
      log.warning({ subject: "configuration", path, reason }, "line of the server commands skipped"),
    ),
    caCertificates: () => certificates.caCertificates(),
    issueCertificate: (host) =>
      certificates.issueForHost({
        id: String(host["id"]),
        isDepot: host.type !== "OpsiClient",
        names: certificateNames(host),
      }),
    methods: () => extender.methods.values(),
    service: {
      configuration,
      hostKey: conf.hostKey,
      applicationState,
      directory: ldapSettings(conf),
      transfers,
      get configFiles() {
        return withFilesOf(configFiles(configuration), {
          licenses: folders.licenses,
          extensions: options.extensionConfigDir,
        });
      },
      recentCalls: () => calls.newestFirst(),
      extensions: () => extender.extensions,
      blockedAddresses,
    },
    endSession,
    endUserSessions,
  };
}
