import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rule } from "@opsi-ts/model";
import { parse, TomlError } from "smol-toml";
import { writeFileAtomically } from "./atomic-file.ts";
import { decodeText } from "./decode-text.ts";
import { ConfigurationError } from "./read-options.ts";

export type ServerRole = "configserver" | "depotserver";

/** What `/etc/opsi/opsi.conf` says. Group names are lower-case. (service 7.2) */
export interface OpsiConf {
  readonly hostId: string;
  readonly hostKey: string;
  readonly serverRole: ServerRole;
  readonly serviceUrl: string;
  readonly adminGroup: string;
  readonly fileAdminGroup: string;
  /** Users in this group only read; empty = nobody. */
  readonly readOnlyGroup: string;
  readonly depotUser: string;
  readonly depotUserHome: string;
  readonly ldap: {
    readonly url: string;
    readonly bindUser: string;
    readonly groupFilter: string;
    readonly useMemberOfRdn: boolean;
    /** Passwords go over a line that is encrypted before; only counts for ldap://. */
    readonly startTls: boolean;
    /** Certificates to trust besides those of the system; empty = none. */
    readonly caFile: string;
  };
}

/** What a new file gets where it says nothing. */
export interface OpsiConfInitial {
  readonly hostId: string;
  /** Empty = a random one. */
  readonly hostKey: string;
  readonly serverRole: ServerRole;
  /** Where the config server is. */
  readonly serviceUrl: string;
}

/**
 * Reads the file; what it lacks of host id, key, role and service is written into it (comments stay, a crash leaves the old
 * or the new file). A file in the INI form of opsi before 4.3 is converted.
 *
 * @param initial or how to find it out, which is not done for a file that says everything
 * @throws ConfigurationError naming section and key
 */
export function readOpsiConf(path: string, initial: OpsiConfInitial | (() => OpsiConfInitial)): OpsiConf {
  const before = existsSync(path) ? decodeText(readFileSync(path), path) : null;
  let content = before === null ? template : isToml(before) ? before : convertIni(before);
  const tables = parseToml(content, path);
  const missing = completed.filter(([section, key]) => (tables[section]?.[key] ?? "") === "");
  if (missing.length > 0) {
    const values = typeof initial === "function" ? initial() : initial;
    for (const [section, key, value] of missing) content = withTomlValue(content, section, key, value(values));
  }
  const conf = checked(parseToml(content, path), path);
  if (content !== before) writeFileAtomically(path, content);
  return conf;
}

/** What a file must say, and where it is taken from. */
const completed: readonly (readonly [section: string, key: string, value: (initial: OpsiConfInitial) => string])[] = [
  ["host", "id", ({ hostId }) => hostId],
  ["host", "key", ({ hostKey }) => hostKey || randomBytes(16).toString("hex")],
  ["host", "server-role", ({ serverRole }) => serverRole],
  ["service", "url", ({ serviceUrl }) => serviceUrl],
];

const template = `# Who this server is and who may administer it.
[host]

[service]

[groups]
fileadmingroup = "opsifileadmins"
admingroup = "opsiadmin"
readonly = ""

[depot_user]
username = "pcpatch"
home = "/var/lib/opsi"
`;

type Tables = Record<string, Record<string, unknown>>;

function isToml(content: string): boolean {
  try {
    parse(content);
    return true;
  } catch {
    return false;
  }
}

function parseToml(content: string, path: string): Tables {
  try {
    const tables: Tables = {};
    for (const [section, value] of Object.entries(parse(content))) {
      if (typeof value === "object" && value !== null && !Array.isArray(value)) tables[section] = { ...value };
    }
    return tables;
  } catch (error) {
    // The message goes on with the lines around, and the host key may stand there.
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    const line = error instanceof TomlError ? ` in line ${error.line}` : "";
    throw new ConfigurationError([`${path} cannot be read${line}: ${reason}`]);
  }
}

/** `key = value` of the INI form: values become texts, booleans stay, and so does what is TOML already. */
function convertIni(content: string): string {
  return content
    .split(/\r?\n/)
    .map((line) => {
      if (isToml(line)) return line;
      const [, key = "", value = "", comment = ""] = /^\s*([\w-]+)\s*[=:]\s*(.*?)(\s+[;#].*|\s*)$/.exec(line) ?? [];
      if (key === "") return line.replace(/^\s*;/, "#");
      const [, , quoted] = /^(["'])(.*)\1$/.exec(value) ?? [];
      const written = /^(true|false)$/i.test(value) ? value.toLowerCase() : JSON.stringify(quoted ?? value);
      return `${key} = ${written}${comment.replace(/;/, "#").trimEnd()}`;
    })
    .join("\n");
}

/** The text with one value set; everything else stays as it is. */
export function withTomlValue(content: string, section: string, key: string, value: string): string {
  const lines = content.split("\n");
  const start = lines.findIndex((line) => line.trim().replace(/\s*#.*$/, "") === `[${section}]`);
  const assignment = `${key} = ${JSON.stringify(value)}`;
  if (start < 0) {
    const dotted = lines.findLastIndex((line) => new RegExp(`^\\s*${section}\\s*\\.`).test(line));
    if (dotted >= 0) return lines.toSpliced(dotted + 1, 0, `${section}.${assignment}`).join("\n");
    return [content.replace(/\n*$/, "\n"), `[${section}]`, assignment, ""].join("\n").replace(/^\n+/, "");
  }
  let end = lines.findIndex((line, at) => at > start && /^\s*\[/.test(line));
  if (end < 0) end = lines.length;
  const at = lines.findIndex((line, index) => {
    return index > start && index < end && /^\s*([\w-]+)\s*=/.exec(line)?.[1] === key;
  });
  if (at >= 0) lines[at] = assignment;
  else {
    while (end > start + 1 && lines[end - 1]?.trim() === "") end--;
    lines.splice(end, 0, assignment);
  }
  return lines.join("\n");
}

function isHostId(id: string): boolean {
  try {
    return rule.hostId.coerce(id) === id;
  } catch {
    return false;
  }
}

function checked(tables: Tables, path: string): OpsiConf {
  const problems: string[] = [];
  const text = (section: string, key: string, initial: string) => {
    const value = tables[section]?.[key] ?? initial;
    if (typeof value === "string") return value.trim();
    if (typeof value === "number" || typeof value === "bigint") return String(value);
    problems.push(`${path}: ${section}.${key} must be a text.`);
    return initial;
  };
  const group = (key: string, initial: string) => {
    const name = text("groups", key, initial).toLowerCase();
    if (/\s/.test(name)) problems.push(`${path}: groups.${key} '${name}' must not contain blanks.`);
    return name;
  };
  const role = text("host", "server-role", "configserver");
  if (role !== "configserver" && role !== "depotserver") {
    problems.push(`${path}: host.server-role '${role}' is neither configserver nor depotserver.`);
  }
  const hostId = text("host", "id", "").toLowerCase();
  if (!isHostId(hostId)) problems.push(`${path}: host.id '${hostId}' is not a host id (name.domain.tld).`);
  const hostKey = text("host", "key", "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hostKey)) problems.push(`${path}: host.key is not a host key (32 hexadecimal digits).`);
  const conf: OpsiConf = {
    hostId,
    hostKey,
    serverRole: role === "depotserver" ? role : "configserver",
    serviceUrl: text("service", "url", "https://localhost:4447"),
    adminGroup: group("admingroup", "opsiadmin"),
    fileAdminGroup: group("fileadmingroup", "opsifileadmins"),
    readOnlyGroup: group("readonly", ""),
    depotUser: text("depot_user", "username", "pcpatch"),
    depotUserHome: text("depot_user", "home", "/var/lib/opsi"),
    ldap: {
      url: text("ldap_auth", "ldap_url", ""),
      bindUser: text("ldap_auth", "bind_user", ""),
      groupFilter: text("ldap_auth", "group_filter", ""),
      useMemberOfRdn: tables["ldap_auth"]?.["use_member_of_rdn"] === true,
      startTls: tables["ldap_auth"]?.["start_tls"] !== false,
      caFile: text("ldap_auth", "ca_file", ""),
    },
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return conf;
}
