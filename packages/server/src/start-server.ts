import { randomInt } from "node:crypto";
import { appended, type Log, type LogFileSettings, type LogSettings, levels, openLog } from "@opsi-ts/logging";
import { Authenticator } from "./auth/authenticator.ts";
import { ClientCertificates } from "./auth/client-certificates.ts";
import { endSessionsOfGoneHosts } from "./auth/end-sessions-of-gone-hosts.ts";
import { LocalUsers } from "./auth/local-users.ts";
import { LoginThrottle } from "./auth/login-throttle.ts";
import { openUserLogins } from "./auth/open-user-logins.ts";
import { SessionStore } from "./auth/session-store.ts";
import { ServerCertificates } from "./certificates/server-certificates.ts";
import { writeOption } from "./configuration/config-file.ts";
import { Networks, withLocalMachine } from "./configuration/networks.ts";
import type { OpsiConf } from "./configuration/opsi-conf.ts";
import type { Options } from "./configuration/option-table.ts";
import type { Configuration } from "./configuration/read-options.ts";
import { createSiteFolders, type SiteFolders } from "./configuration/site-folders.ts";
import { compatibleLibraryVersion, compatibleVersion } from "./configuration/version.ts";
import type { OpenCore } from "./core.ts";
import { absentRoutes } from "./http/administration/absent-routes.ts";
import { documentationRoutes } from "./http/administration/documentation-routes.ts";
import { adminPageRoutes } from "./http/administration/page-routes.ts";
import { ApplicationState, withLocalExceptions } from "./http/application-state.ts";
import { transferRoutes } from "./http/file-transfer/transfer-routes.ts";
import { TransferStore } from "./http/file-transfer/transfer-store.ts";
import { httpService } from "./http/http-service.ts";
import { openListener } from "./http/listener.ts";
import { metricRoutes } from "./http/metrics/metric-routes.ts";
import { Metrics } from "./http/metrics/metrics.ts";
import { TrafficCounter } from "./http/metrics/traffic-counter.ts";
import { ResponseHeaders } from "./http/response-headers.ts";
import { type Route, Router } from "./http/router.ts";
import { accessRoutes } from "./http/routes/access-routes.ts";
import { authRoutes } from "./http/routes/auth-routes.ts";
import { certificateRoutes } from "./http/routes/certificate-routes.ts";
import { pageRoutes } from "./http/routes/page-routes.ts";
import { statusRoutes } from "./http/routes/status-routes.ts";
import { SessionLayer } from "./http/session-layer.ts";
import { Webdav } from "./http/webdav/webdav.ts";
import { ownConf } from "./setup/own-conf.ts";
import { noteRunning } from "./setup/running-server.ts";

export interface Server extends AsyncDisposable {
  /** `https://<host>:<port>`, reachable from this machine. */
  readonly url: string;
  readonly port: number;
  readonly hostId: string;
  readonly log: Log;
  /** Every route with the role that it declares; WebDAV folders and `/rpc` beside them. */
  readonly routes: readonly Pick<Route, "path" | "methods" | "role">[];
  readonly webdavPrefixes: readonly string[];
  /** Reads what may change while the server runs: acl.conf. @throws ValueError, and nothing changes */
  reload(): void;
  /** Settles when the final certificates are in use. */
  readonly certificatesReady: Promise<void>;
  /** The administrator made by this start; the password only if it was made up. */
  readonly newAdministrator: { readonly name: string; readonly password: string | null } | null;
}

export interface StartOptions {
  /** Where log lines for stderr go; without it stderr. */
  readonly stderr?: (line: string) => void;
}

/** Opens the parts of the server in order. When one fails, those before it are closed again, last first. */
export async function startServer(
  configuration: Configuration,
  openCore: OpenCore,
  start: StartOptions = {},
): Promise<Server> {
  const { options, folders, configFile } = configuration;
  await using opening = new AsyncDisposableStack();
  createSiteFolders(folders);
  const { log } = opening.use(openLog({ ...logSettings(configuration), ...start }));
  for (const warning of configuration.warnings) log.warning({ subject: "configuration" }, warning);
  const conf = ownConf(configuration);
  if (options.hostId !== "" && options.hostId !== conf.hostId) {
    log.warning({ subject: "configuration", given: options.hostId }, `host id stays ${conf.hostId} as opsi.conf says`);
  }

  const certificates = opening.use(ServerCertificates.open(certificateSettings(configuration, conf), log));
  const sessions = opening.use(
    new SessionStore({
      lifetime: options.sessionLifetime,
      maxPerAddress: options.maxSessionPerIp,
      excludedAddresses: new Set(options.maxSessionsExcludes),
    }),
  );
  const users = new LocalUsers(options.usersFile);
  const state = new ApplicationState();
  const transfers = new TransferStore(folders.fileTransfer);
  const core = opening.use(
    await openCore({
      configuration,
      conf,
      log,
      certificates,
      localUsers: users,
      applicationState: state,
      transfers,
      blockedAddresses: () => throttle.blockedAddresses(),
      endSession: (id) => {
        const session = sessions.find(id);
        if (session !== null) sessions.delete(session);
      },
      endUserSessions: (username, exceptId) => {
        const others = sessions.list().filter(({ id, hostId }) => hostId === null && id !== exceptId);
        for (const session of others) if (session.username === username) sessions.delete(session);
      },
    }),
  );
  const throttle = new LoginThrottle({
    maxFailures: options.maxAuthFailures,
    interval: options.authFailuresInterval,
    blockTime: options.clientBlockTime,
  });
  const authenticator = new Authenticator({
    settings: {
      adminGroup: conf.adminGroup,
      readOnlyGroup: conf.readOnlyGroup,
      adminNetworks: new Networks(withLocalMachine(options.adminNetworks)),
      minConfigedVersion: options.minConfigedVersion,
      monitoringUser: options.monitoringUser.toLowerCase(),
      updateIp: options.updateIp,
      hostKeyOnly: options.allowHostKeyOnlyAuth,
      recoverClients: options.recoverClients,
    },
    sessions,
    throttle,
    hosts: core.hosts,
    users: core.users,
    certificates: new ClientCertificates(
      options.clientCertAuth,
      async () => (await certificates.caCertificates()).opsiCa,
    ),
    userLogins: openUserLogins(options, conf, users, (name) => core.users.secondFactor(name)),
    log: log.child({ subject: "auth" }),
  });

  const layer = new SessionLayer({
    sessions,
    authenticator,
    state,
    networks: new Networks(withLocalMachine(options.networks)),
    trustedProxies: new Networks(options.trustedProxies),
    disabledFeatures: new Set(options.disabledFeatures),
    fileAdminGroup: conf.fileAdminGroup,
  });
  const headers = new ResponseHeaders({
    version: compatibleVersion,
    serverRole: conf.serverRole,
    nodeName: options.nodeName,
    securityHeaders: options.httpSecurityHeaders,
  });
  opening.use(regularly(3_600_000, () => transfers.cleanUp(), log));
  opening.use(regularly(30_000, () => endSessionsOfGoneHosts(sessions, core.hosts), log));
  const traffic = new TrafficCounter();
  const metrics = opening.use(
    new Metrics({ nodeName: options.nodeName, calls: core.calls, traffic: () => traffic.totals }),
  );
  let showsWelcome = options.welcomePage;
  const router: Router = new Router([
    ...pageRoutes({
      hostId: conf.hostId,
      version: compatibleVersion,
      showsWelcome: () => showsWelcome,
      hideWelcome: () => {
        if (!showsWelcome) return; // anybody may ask for it, and the disk is waited for
        showsWelcome = false;
        writeOption(configFile, "welcome-page", "false");
      },
    }),
    ...statusRoutes({
      version: compatibleVersion,
      libraryVersion: compatibleLibraryVersion,
      nodeName: options.nodeName,
      hostName: configuration.hostName,
      certificateValidity: () => certificates.validity,
      certificatesReady: certificates.ready,
    }),
    ...certificateRoutes(certificates),
    ...authRoutes({ sessions, authenticator, layer }),
    ...transferRoutes(transfers, (options.maxFileTransferSize || Number.POSITIVE_INFINITY) * 1_000_000),
    ...accessRoutes({ sessions, throttle, state, reload: () => core.reload() }),
    ...adminPageRoutes({
      hostId: conf.hostId,
      version: compatibleVersion,
      offersCalls: !options.disabledFeatures.includes("rpc-interface"),
    }),
    ...documentationRoutes(compatibleVersion, () => router.routes),
    ...absentRoutes(),
    ...metricRoutes(metrics),
    ...core.routes({ metrics, sessionCount: () => sessions.list().length }),
  ]);
  const webdav = new Webdav(webdavFolders(folders));
  const listener = opening.use(
    await openListener(
      {
        host: options.interface,
        port: options.port,
        backlog: options.socketBacklog,
        ciphers: options.sslCiphers,
        asksForCertificates: options.clientCertAuth.length > 0,
        bodyIdleTimeout: options.bodyIdleTimeout,
        stopTimeout: options.workerStopTimeout,
      },
      certificates.material,
      () => headers.bare(),
      traffic.counting(
        httpService({
          layer,
          headers,
          router,
          mounts: [webdav],
          rpc: core.rpc,
          maxBody: options.maxRequestSize * 1_000_000,
          log,
        }),
      ),
    ),
  );
  opening.use(noteRunning(folders));
  // nothing can fail the start after it: the next one would find the user and not tell the password
  const newAdministrator = await createAdministrator(users, conf, options.adminPassword);
  certificates.onChange((material) => listener.useCertificate(material));
  certificates.start();
  if (options.maintenance === null) state.set("normal");
  else state.startMaintenance({ addressExceptions: withLocalExceptions(options.maintenance) });
  const running = opening.move(); // nothing failed: from here on the caller closes
  return {
    url: `https://${localName(options.interface)}:${listener.port}`,
    port: listener.port,
    hostId: conf.hostId,
    log,
    routes: router.routes,
    webdavPrefixes: webdav.prefixes,
    reload: () => core.reload(),
    certificatesReady: certificates.ready,
    newAdministrator,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The context of a line is the client's address. (service 8.7) */
const lineStyle = {
  subject: "server",
  contextField: "client",
  context: (address: string) => address,
  contextWidth: 15,
  stackLevel: levels.secret,
};

const logFile = ({ logFile, maxLogSize, keepRotatedLogs }: Options): LogFileSettings => ({
  path: logFile.replaceAll("%m", "opsiconfd"),
  mode: 0o644,
  folderMode: 0o770,
  maxBytes: maxLogSize * 1_000_000,
  keep: keepRotatedLogs,
  olderName: appended,
});

function logSettings({ options }: Configuration): LogSettings {
  const level = (own: number) => (own < 0 ? options.logLevel : own);
  return {
    fileLevel: level(options.logLevelFile),
    stderrLevel: level(options.logLevelStderr),
    file: options.logFile === "" ? null : logFile(options),
    format: options.logFormat,
    style: { ...lineStyle, maxMessage: options.logMaxMsgLen },
  };
}

function certificateSettings({ options, hostName }: Configuration, { hostId }: OpsiConf) {
  return {
    authority: {
      hostId,
      commonName: options.sslCaSubjectCn,
      keyFile: options.sslCaKey,
      certificateFile: options.sslCaCert,
      passphrase: options.sslCaKeyPassphrase,
      validDays: options.sslCaCertValidDays,
      renewDays: options.sslCaCertRenewDays,
      permittedDomains: options.sslCaPermittedDomains,
    },
    type: options.sslServerCertType,
    hostId,
    hostName,
    keyFile: options.sslServerKey,
    certificateFile: options.sslServerCert,
    passphrase: options.sslServerKeyPassphrase,
    validDays: options.sslServerCertValidDays,
    renewDays: options.sslServerCertRenewDays,
    clientValidDays: options.sslClientCertValidDays,
    names: options.sslServerCertSans,
    checkInterval: options.sslServerCertCheckInterval,
    keyBits: 4096,
  };
}

/** What is offered as WebDAV, and below `/dav`. (service 4.1) */
function webdavFolders({ depot, repository, workbench, public: publicFolder, boot }: SiteFolders) {
  return [
    { name: "depot", path: depot, caseInsensitive: true, readOnly: false },
    { name: "repository", path: repository, caseInsensitive: false, readOnly: false },
    { name: "workbench", path: workbench, caseInsensitive: false, readOnly: false },
    { name: "public", path: publicFolder, caseInsensitive: false, readOnly: true },
    { name: "boot", path: boot, caseInsensitive: true, readOnly: true },
  ];
}

/** Does something now and whenever the time is over again; a failure is for the log. */
function regularly(milliseconds: number, task: () => Promise<void>, log: Log): Disposable {
  const run = () =>
    void task().catch((error: unknown) => log.error({ subject: "clean-up", err: error }, "clean-up failed"));
  run();
  const timer = setInterval(run, milliseconds);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** The first start has nobody who could log in: `admin`, in the groups of administrators and file administrators. */
async function createAdministrator(
  users: LocalUsers,
  conf: OpsiConf,
  given: string,
): Promise<Server["newAdministrator"]> {
  if (users.exists) return null;
  const password = given || randomPassword();
  await users.create("admin", password, [conf.adminGroup, conf.fileAdminGroup]);
  return { name: "admin", password: given === "" ? password : null };
}

/** Four groups that can be read out and typed; 80 bits. */
function randomPassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}

function localName(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
