import { readFileSync } from "node:fs";
import { OpsiError } from "@opsi-ts/model";
import { pythonAssignments } from "../../../configuration/python-literal.ts";

/** Where the database is and how to log in. */
export interface MySqlSettings {
  /** Host name, IP address, or the path of a socket. */
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

const port = 3306;

/**
 * Reads mysql.conf; keys that are not there have the original's defaults, unknown ones are ignored.
 *
 * @throws BackendConfigurationError for a file that makes no sense
 * @see storage 3.1, 3.2
 */
export function readMySqlSettings(path: string): MySqlSettings {
  const config = readConfig(path);
  const text = (key: string, initial: string) => {
    const value = config[key] ?? initial;
    if (typeof value === "string" || typeof value === "number") return String(value);
    throw expected(path, key, "a text");
  };
  const number = (key: string, initial: number, least: number) => {
    const value = Number(config[key] ?? initial);
    if (Number.isInteger(value) && value >= least) return value;
    throw expected(path, key, `a whole number from ${least}`);
  };
  const flag = (key: string) => /^(true|1)$/i.test(String(config[key] ?? false));
  return {
    address: text("address", "localhost").replace(/^\[(.*)\]$/, "$1"),
    port,
    database: text("database", "opsi"),
    username: text("username", "opsi"),
    password: text("password", "opsi"),
    connections: number("connectionPoolSize", 20, 1) + number("connectionPoolMaxOverflow", 10, 0),
    tls: flag("ssl") ? tlsSettings(text, flag("sslCheckHostname"), path) : null,
  };
}

function readConfig(path: string): Record<string, unknown> {
  let assignments: ReadonlyMap<string, unknown>;
  try {
    assignments = pythonAssignments(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OpsiError("BackendConfigurationError", `${path} cannot be read: ${reason}`, { cause });
  }
  const config = assignments.get("config");
  if (isRecord(config)) return config;
  throw expected(path, "config", "a dict like {'address': 'localhost'}");
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value may be a password: it is not said. */
const expected = (path: string, key: string, what: string) =>
  new OpsiError("BackendConfigurationError", `'${key}' in ${path}: ${what} was expected`, { field: key });

function tlsSettings(
  text: (key: string, initial: string) => string,
  verifyIdentity: boolean,
  path: string,
): TlsSettings {
  const pem = (key: string) => {
    const file = text(key, "");
    if (file === "") return undefined;
    try {
      return readFileSync(file, "utf8");
    } catch {
      throw expected(path, key, `a readable file, not '${file}',`);
    }
  };
  const [ca, key, cert] = [pem("sslCa"), pem("sslKey"), pem("sslCert")];
  return { ...(ca && { ca }), ...(key && { key }), ...(cert && { cert }), verifyIdentity };
}
