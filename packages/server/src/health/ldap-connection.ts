import type { LdapSettings } from "../auth/ldap/ldap-settings.ts";
import { probeDirectory } from "../auth/ldap/probe-directory.ts";
import { type Check, error, type Finding, type Findings, ok, warning } from "./check.ts";

export const ldapConnection: Check = {
  id: "ldap_connection",
  name: "Directory",
  description: "The directory with the users answers, proves who it is, and has the base where they are looked for.",
  documentation: "Compare [ldap_auth] in opsi.conf with what the directory's administrator says.",
  run: ({ site }) => directoryFindings(site.service.directory),
};

export async function directoryFindings(directory: LdapSettings | null): Promise<Findings> {
  if (directory === null) return { connection: ok("No directory is configured.") };
  const place = `${directory.host}:${directory.port}`;
  try {
    return {
      connection: ok(`The directory ${place} answers.`),
      ...findingsAbout(directory, await probeDirectory(directory)),
    };
  } catch (reason) {
    return { connection: error(reason instanceof Error ? reason.message : String(reason)) };
  }
}

function findingsAbout({ base, security }: LdapSettings, contexts: readonly string[] | null): Findings {
  const encryption =
    security === "plain" ? { encryption: warning("Passwords of users go over the line in the clear.") } : {};
  return { ...encryption, ...(contexts === null ? {} : { base: baseFinding(base, contexts) }) };
}

/** Blanks around commas and equals signs mean nothing in a DN. */
const compact = (dn: string) => dn.toLowerCase().replace(/\s*([,=])\s*/g, "$1");

function baseFinding(base: string, contexts: readonly string[]): Finding {
  const wanted = compact(base);
  const isThere = contexts.some((context) => wanted === compact(context) || wanted.endsWith(`,${compact(context)}`));
  if (isThere) return ok(`The directory holds '${base}'.`);
  return error(`The directory does not hold '${base}', only ${contexts.join("; ")}: nobody can log in.`);
}
