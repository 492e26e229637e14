import { readFileSync } from "node:fs";
import { unescape as decoded } from "node:querystring";
import { OpsiError } from "@opsi-ts/model";
import { isRecord } from "../../../configuration/is-record.ts";
import { readPythonFile } from "../../../configuration/read-python-file.ts";

/** Where the database is and how to log in. */
export interface DatabaseSettings {
  /** Host name, IP address, or the path of a socket (MySQL) or of its folder (PostgreSQL). */
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** Connections at most. */
  readonly connections: number;
  /** Null for a connection without TLS. */
  readonly tls: TlsSettings | null;
}

/** PEM texts. */
export interface TlsSettings {
  readonly ca?: string;
  readonly key?: string;
  readonly cert?: string;
  readonly verifyIdentity: boolean;
}

/** What differs between the databases in what a site says of them. */
export interface DatabaseKind {
  /** The option with the address. */
  readonly option: string;
  readonly scheme: string;
  /** The scheme as it may be spelled in an address. */
  readonly protocol: RegExp;
  readonly port: number;
  /** Whether the file may name a port: the original takes no notice of one for MySQL. */
  readonly readsPort: boolean;
}

type Config = Readonly<Record<string, unknown>>;

/**
 * Reads a file with a Python dict `config`; keys that are not there have the original's defaults, unknown ones are
 * ignored.
 *
 * @throws BackendConfigurationError for a file that makes no sense
 * @see storage 3.1, 3.2
 */
export const readDatabaseSettings = (path: string, kind: DatabaseKind): DatabaseSettings =>
  settingsOf(readConfig(path), path, kind);

/**
 * Reads an address `scheme://user:pass@host/db?key=value`, the keys as in the file.
 *
 * @throws BackendConfigurationError for another kind of address
 * @see storage 3.2
 */
export function parseDatabaseUrl(text: string, kind: DatabaseKind): DatabaseSettings {
  const source = `option ${kind.option}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !kind.protocol.test(url.protocol)) {
    const expectation = `${kind.scheme}://user:password@host/database was expected`;
    throw new OpsiError("BackendConfigurationError", `${source}: ${expectation}`);
  }
  const given = {
    address: url.hostname,
    database: url.pathname.slice(1),
    // As the original: a % that begins no code is itself.
    username: decoded(url.username),
    password: decoded(url.password),
  };
  const named = Object.entries(given).filter(([, value]) => value !== "");
  const settings = settingsOf({ ...Object.fromEntries(named), ...Object.fromEntries(url.searchParams) }, source, kind);
  return url.port === "" ? settings : { ...settings, port: Number(url.port) };
}

/** @param source for messages */
function settingsOf(config: Config, source: string, kind: DatabaseKind): DatabaseSettings {
  const text = (key: string, initial: string) => {
    const value = config[key] ?? initial;
    if (typeof value === "string" || typeof value === "number") return String(value);
    throw expected(source, key, "a text");
  };
  const number = (key: string, initial: number, least: number) => {
    const value = Number(config[key] ?? initial);
    if (Number.isInteger(value) && value >= least) return value;
    throw expected(source, key, `a whole number from ${least}`);
  };
  const flag = (key: string) => /^(true|1)$/i.test(String(config[key] ?? false));
  return {
    address: text("address", "localhost").replace(/^\[(.*)\]$/, "$1"),
    port: kind.readsPort ? number("port", kind.port, 1) : kind.port,
    database: text("database", "opsi"),
    username: text("username", "opsi"),
    password: text("password", "opsi"),
    connections: number("connectionPoolSize", 20, 1) + number("connectionPoolMaxOverflow", 10, 0),
    tls: flag("ssl") ? tlsSettings(text, flag("sslCheckHostname"), source) : null,
  };
}

function readConfig(path: string): Config {
  const config = readPythonFile(path).get("config");
  if (isRecord(config)) return config;
  throw expected(path, "config", "a dict like {'address': 'localhost'}");
}

/** The value may be a password: it is not said. */
const expected = (source: string, key: string, what: string) =>
  new OpsiError("BackendConfigurationError", `'${key}' in ${source}: ${what} was expected`, { field: key });

function tlsSettings(
  text: (key: string, initial: string) => string,
  verifyIdentity: boolean,
  source: string,
): TlsSettings {
  const pem = (key: string) => {
    const file = text(key, "");
    if (file === "") return undefined;
    try {
      return readFileSync(file, "utf8");
    } catch {
      throw expected(source, key, `a readable file, not '${file}',`);
    }
  };
  const [ca, key, cert] = [pem("sslCa"), pem("sslKey"), pem("sslCert")];
  return { ...(ca && { ca }), ...(key && { key }), ...(cert && { cert }), verifyIdentity };
}
