import { join } from "node:path";
import {
  addresses,
  boolean,
  choice,
  decimal,
  integer,
  type Kind,
  list,
  maintenance,
  networks,
  some,
  text,
} from "./option-kinds.ts";
import type { SiteFolders } from "./site-folders.ts";

/** What defaults may depend on. */
export interface Surroundings {
  readonly folders: SiteFolders;
  /** Fully qualified name of this machine. */
  readonly hostName: string;
  readonly port: number;
}

/** One option. Its name on the command line and in the file is the key in kebab-case. (service 7.1) */
export interface Option<T> {
  readonly doc: string;
  readonly kind: Kind<T>;
  readonly initial: T | ((surroundings: Surroundings) => T);
  /** Environment variable where it is not `OPSICONFD_` + name. */
  readonly environment?: string;
  /** Never printed. */
  readonly secret?: true;
  /** One letter for the command line. */
  readonly short?: string;
}

type AnyOption = Option<string> | Option<number> | Option<boolean> | Option<readonly string[] | null>;

const file = (folder: keyof SiteFolders, name: string) => (known: Surroundings) => join(known.folders[folder], name);
const ownUrl = ({ hostName, port }: Surroundings) => `https://${hostName}:${port}`;
const day = 86_400;

/** Every option of the service, one line each: from here come parsing, `--help` and the documentation. */
export const optionTable = {
  port: { doc: "TCP port of the HTTPS listener; 0 picks a free one", kind: integer(0, 65_535), initial: 4447 },
  interface: { doc: "address to listen on; :: = all IPv6 and IPv4", kind: text, initial: "0.0.0.0" },
  socketBacklog: { doc: "connections that may wait to be accepted", kind: integer(1), initial: 4096 },
  nodeName: {
    doc: "name of this server node in answers and logs",
    kind: text,
    initial: ({ hostName }) => hostName.split(".")[0] ?? hostName,
  },
  internalUrl: { doc: "address of the service inside the site", kind: text, initial: ownUrl },
  externalUrl: { doc: "address of the service for clients", kind: text, initial: ownUrl },
  serverRole: {
    doc: "role of a new site; afterwards opsi.conf says it",
    kind: choice("configserver", "depotserver"),
    initial: "configserver",
    environment: "OPSI_SERVER_ROLE",
  },
  hostId: {
    doc: "id of this server for a new site; afterwards opsi.conf says it",
    kind: text,
    initial: "",
    environment: "OPSI_HOST_ID",
  },
  hostKey: {
    doc: "opsi host key of this server for a new site; afterwards opsi.conf says it",
    kind: text,
    initial: "",
    environment: "OPSI_HOST_KEY",
    secret: true,
  },
  adminPassword: {
    doc: "password of the user admin, created at the first start; empty = a random one, printed once",
    kind: text,
    initial: "",
    environment: "OPSI_ADMIN_PASSWORD",
    secret: true,
  },
  opsiConfig: { doc: "file with host id, key and groups", kind: text, initial: file("configuration", "opsi.conf") },
  usersFile: { doc: "file with local users", kind: text, initial: file("configuration", "users.json") },
  aclFile: { doc: "access rights of RPC methods", kind: text, initial: file("backendManager", "acl.conf") },
  backendConfigDir: { doc: "files of back-ends", kind: text, initial: ({ folders }) => folders.backends },
  mysqlInternalUrl: {
    doc: "address of the database, `mysql://user:password@host/database`; counts before backends/mysql.conf",
    kind: text,
    initial: "",
    secret: true,
  },
  postgresqlInternalUrl: {
    doc: "address of a database of PostgreSQL, `postgresql://user:password@host/database`; counts before backends/postgresql.conf",
    kind: text,
    initial: "",
    secret: true,
  },
  extensionConfigDir: { doc: "RPC extension files", kind: text, initial: file("backendManager", "extend.d") },

  sslCiphers: { doc: "TLS ciphers in OpenSSL's list syntax", kind: text, initial: "TLSv1.2" },
  sslCaSubjectCn: { doc: "common name of the opsi CA", kind: text, initial: "opsi CA" },
  sslCaKey: { doc: "key of the opsi CA", kind: text, initial: file("ssl", "opsi-ca-key.pem") },
  sslCaCert: { doc: "certificate of the opsi CA", kind: text, initial: file("ssl", "opsi-ca-cert.pem") },
  sslCaKeyPassphrase: {
    doc: "passphrase of the CA key; empty = not encrypted",
    kind: text,
    initial: "Toohoerohpiep8yo",
    secret: true,
  },
  sslCaCertValidDays: { doc: "days the CA certificate is valid", kind: integer(1), initial: 730 },
  sslCaCertRenewDays: { doc: "renew the CA certificate when so many days remain", kind: integer(0), initial: 700 },
  sslCaPermittedDomains: { doc: "the CA may issue for these domains only", kind: list, initial: [] },
  sslServerCertType: {
    doc: "who issues the server certificate",
    kind: choice("opsi-ca", "unmanaged"),
    initial: "opsi-ca",
  },
  sslServerKey: { doc: "key of the server", kind: text, initial: file("ssl", "opsiconfd-key.pem") },
  sslServerCert: { doc: "certificate of the server", kind: text, initial: file("ssl", "opsiconfd-cert.pem") },
  sslServerKeyPassphrase: {
    doc: "passphrase of the server key; empty = not encrypted",
    kind: text,
    initial: "ye3heiwaiLu9pama",
    secret: true,
  },
  sslServerCertValidDays: { doc: "days the server certificate is valid", kind: integer(1), initial: 90 },
  sslServerCertRenewDays: {
    doc: "renew the server certificate when so many days remain",
    kind: integer(0),
    initial: 30,
  },
  sslServerCertSans: { doc: "further names and addresses of the server certificate", kind: list, initial: [] },
  sslClientCertValidDays: { doc: "days a client certificate is valid", kind: integer(1), initial: 360 },
  sslServerCertCheckInterval: { doc: "seconds between checks of the certificates", kind: integer(1), initial: day },

  networks: { doc: "networks that may connect; empty = all", kind: networks, initial: [] },
  adminNetworks: { doc: "networks that get administrator rights; empty = all", kind: networks, initial: [] },
  trustedProxies: {
    doc: "proxies whose X-Forwarded-For is believed",
    kind: networks,
    initial: ["127.0.0.1/32", "::1/128"],
  },

  sessionLifetime: { doc: "seconds without use after which a session ends", kind: integer(1), initial: 120 },
  maxSessionPerIp: {
    doc: "sessions per client address; 0 = no limit",
    kind: integer(0),
    initial: 30,
    environment: "OPSICONFD_MAX_SESSIONS_PER_IP",
  },
  maxSessionsExcludes: { doc: "addresses without that limit", kind: addresses, initial: ["127.0.0.1", "::1"] },
  maxAuthFailures: { doc: "failed logins until an address is blocked", kind: integer(1), initial: 10 },
  authFailuresInterval: { doc: "seconds in which failed logins are counted", kind: integer(1), initial: 120 },
  clientBlockTime: { doc: "seconds for which an address is blocked", kind: integer(1), initial: 120 },
  minConfigedVersion: { doc: "oldest opsi-configed that may log in; empty = any", kind: text, initial: "4.3.2.18" },
  monitoringUser: {
    doc: "user of the monitoring system; its password is in the opsi password file",
    kind: text,
    initial: "monitoring",
  },
  systemUsers: {
    doc: "let accounts of the operating system log in (PAM); where the root is another than / they do not by default",
    kind: boolean,
    initial: ({ folders }) => process.platform === "linux" && folders.root === "/",
  },
  multiFactorAuth: {
    doc: "one-time passwords as second factor of users: nobody, those who have it switched on, everybody",
    kind: choice("inactive", "totp_optional", "totp_mandatory"),
    initial: "inactive",
  },
  clientCertAuth: {
    doc: "who needs a certificate of the opsi CA for his name to log in, besides the password",
    kind: some("client", "depot", "user"),
    initial: [],
  },
  updateIp: { doc: "store a client's address when it logs in", kind: boolean, initial: true },
  allowHostKeyOnlyAuth: { doc: "find hosts by their key alone", kind: boolean, initial: false },
  recoverClients: { doc: "create unknown clients at their login (insecure)", kind: boolean, initial: false },

  hostControlAnyCertificate: {
    doc: "send host keys to agents whose certificate the opsi CA did not sign (insecure)",
    kind: boolean,
    initial: false,
  },

  welcomePage: { doc: "show the welcome page on /", kind: boolean, initial: true },
  httpSecurityHeaders: {
    doc: "send HSTS, nosniff and frame headers",
    kind: boolean,
    initial: true,
    environment: "HTTP_SECURITY_HEADERS",
  },
  disabledFeatures: {
    doc: "features to switch off: status-page, public-folder, rpc-interface",
    kind: list,
    initial: [],
  },
  maxRequestSize: { doc: "greatest body of a request other than a file, in MB", kind: decimal, initial: 32 },
  maxFileTransferSize: {
    doc: "MB that a client or user who is no administrator may have in /file-transfer; 0 = no limit",
    kind: decimal,
    initial: 1000,
  },
  bodyIdleTimeout: {
    doc: "seconds after which a request is cut whose body, a file or other, stopped coming",
    kind: integer(1, 86_400),
    initial: 120,
  },
  maintenance: { doc: "start in maintenance mode; these networks may still connect", kind: maintenance, initial: null },
  provideDeprecatedMethods: { doc: "offer deprecated RPC methods", kind: boolean, initial: true },

  auditKeepDays: {
    doc: "days for which the audit trail keeps who changed what; 0 = nothing is recorded",
    kind: integer(0, 36_500),
    initial: 90,
  },

  logLevel: { doc: "general log level, 0 (none) to 9 (secret)", kind: integer(0, 9), initial: 4 },
  logLevelFile: { doc: "log level of the file; -1 = the general one", kind: integer(-1, 9), initial: -1 },
  logLevelStderr: { doc: "log level on stderr; -1 = the general one", kind: integer(-1, 9), initial: -1, short: "l" },
  logFile: {
    doc: "log file; %m stands for the service's name",
    kind: text,
    initial: ({ folders }) => join(folders.logs, "opsiconfd", "%m.log"),
  },
  logFormat: { doc: "opsi's lines or one JSON object a line", kind: choice("opsi", "json"), initial: "opsi" },
  maxLogSize: { doc: "MB after which a log file is rotated; 0 = never", kind: decimal, initial: 5 },
  keepRotatedLogs: { doc: "rotated log files to keep", kind: integer(0), initial: 1 },
  logMaxMsgLen: { doc: "characters after which a message is cut", kind: integer(1), initial: 5000 },

  maxBackupAge: {
    doc: "hours after which the health check misses a new backup; 0 = it does not ask for any",
    kind: integer(0),
    initial: 24,
  },
  workerStopTimeout: {
    doc: "seconds for open requests to finish when the service stops",
    kind: integer(0),
    initial: 15,
  },
} as const satisfies Record<string, AnyOption>;

export type OptionName = keyof typeof optionTable;
type Value<O> = O extends { kind: Kind<infer T> } ? T : never;
/** All options with their values; everything but `configuration/` receives plain values from it. */
export type Options = { readonly [K in OptionName]: Value<(typeof optionTable)[K]> };

/** Names of the original that this server knows and does not need: reported as such, not as misspelled. */
export const otherOptions: ReadonlySet<string> = new Set([
  ..."run-as-user workers setup skip-setup dispatch-config-file static-dir log-mode log-levels symlink-logs".split(" "),
  ..."log-format-file log-format-stderr log-filter ssl-trusted-certs letsencrypt-directory-url".split(" "),
  ..."letsencrypt-contact-email saml-idp-entity-id saml-idp-x509-cert".split(" "),
  ..."saml-idp-sso-url saml-idp-slo-url collect-metrics check-running checks skip-checks list format".split(" "),
  ..."redis-internal-url redis-prefix grafana-internal-url grafana-external-url".split(" "),
  ..."grafana-verify-cert grafana-data-source-url restart-worker-mem zeroconf ex-help".split(" "),
  ..."debug-options development-options profiler executor-workers websocket-protocol websocket-open-timeout".split(" "),
  ..."websocket-queue-size websocket-ping-interval websocket-ping-timeout log-slow-async-callbacks".split(" "),
  ..."addon-dirs jsonrpc-time-to-cache admin-interface-terminal-shell delete-locks shared-service-connection".split(
    " ",
  ),
  ..."admin-user clear-cache monitoring-debug verify-ip debug".split(" "),
]);

/** `sslCaKey` -> `ssl-ca-key` */
export function optionFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The environment variable of an option. */
export function optionVariable(name: OptionName): string {
  const option: Option<unknown> = optionTable[name] as Option<unknown>;
  return option.environment ?? `OPSICONFD_${optionFlag(name).replaceAll("-", "_").toUpperCase()}`;
}
