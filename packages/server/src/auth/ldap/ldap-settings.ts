import { FilterParser } from "ldapts";
import type { OpsiConf } from "../../configuration/opsi-conf.ts";
import { ConfigurationError } from "../../configuration/read-options.ts";
import { escapeDnValue } from "./distinguished-name.ts";

/** How a directory is asked. */
export interface LdapSettings {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte, `startTls` before anything secret is said, `plain` if the administrator says so. */
  readonly security: "tls" | "startTls" | "plain";
  /** File with further certificates to trust, empty = none. */
  readonly caFile: string;
  /** Below which entry users and groups are looked for. */
  readonly base: string;
  /** With `{username}` and `{base}`. */
  readonly bindUser: string;
  /** Of groups; empty = the usual object class. */
  readonly groupFilter: string;
  /** Names of groups are in `memberOf` already: groups need not be read. */
  readonly useMemberOfRdn: boolean;
}

/**
 * Reads `[ldap_auth]` of opsi.conf. (service 3.4, 7.2)
 *
 * @returns null where no directory is configured
 * @throws ConfigurationError naming key and value
 */
export function ldapSettings({ ldap }: OpsiConf): LdapSettings | null {
  if (ldap.url === "") return null;
  const url = URL.parse(ldap.url);
  if (url === null || !["ldap:", "ldaps:"].includes(url.protocol) || url.hostname === "") {
    throw bad("ldap_url", `'${ldap.url}' is no address like ldaps://dc.example.org/dc=example,dc=org`);
  }
  const base = decoded(url.pathname.slice(1));
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isTls = url.protocol === "ldaps:";
  if (ldap.groupFilter !== "") checkFilter(ldap.groupFilter);
  return {
    host,
    port: Number(url.port) || (isTls ? 636 : 389),
    security: isTls ? "tls" : ldap.startTls ? "startTls" : "plain",
    caFile: ldap.caFile,
    base,
    bindUser: ldap.bindUser || `{username}@${realm(base) || host}`,
    groupFilter: ldap.groupFilter,
    useMemberOfRdn: ldap.useMemberOfRdn,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad("ldap_url", `'${text}' has a percent sign that belongs to no character`);
  }
}

/** `ou=x,dc=example,dc=org` -> `example.org` */
function realm(base: string): string {
  return [...base.matchAll(/(?:^|,)\s*dc\s*=\s*([^,]+)/gi)].map(([, part = ""]) => part.trim()).join(".");
}

/**
 * As whom somebody logs in there. In a DN his name stays one value.
 *
 * @returns isDn: whether the name is a DN, and so that of his entry
 */
export function bindName({ bindUser, base }: LdapSettings, username: string): { name: string; isDn: boolean } {
  const isDn = /^\s*[\w.-]+\s*=/.test(bindUser);
  const values: Record<string, string> = { username: isDn ? escapeDnValue(username) : username, base };
  const name = bindUser.replace(/\{(username|base)\}/g, (_, key: string) => values[key] ?? "");
  return { name, isDn };
}

function checkFilter(filter: string): void {
  try {
    FilterParser.parseString(filter);
  } catch {
    throw bad("group_filter", `'${filter}' is no filter like (objectclass=group)`);
  }
}

const bad = (key: string, text: string) => new ConfigurationError([`opsi.conf: ldap_auth.${key} ${text}`]);
