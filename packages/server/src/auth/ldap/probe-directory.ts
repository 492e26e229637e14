import { ResultCodeError, type SearchOptions } from "ldapts";
import { attributeValues } from "./group-names.ts";
import { withDirectory } from "./ldap-connection.ts";
import type { LdapSettings } from "./ldap-settings.ts";

/**
 * Connects as a login does and asks the directory what it holds; that can be asked without being anybody. (RFC 4512 5.1)
 *
 * @param deadline milliseconds
 * @returns its naming contexts in lower case; null from a directory that tells strangers nothing
 * @throws OpsiError BackendUnableToConnectError, BackendConfigurationError
 */
export function probeDirectory(settings: LdapSettings, deadline = 10_000): Promise<readonly string[] | null> {
  return withDirectory(settings, deadline, async (client) => {
    try {
      const options: SearchOptions = { scope: "base", filter: "(objectclass=*)", attributes: ["namingContexts"] };
      const [root] = (await client.search("", options)).searchEntries;
      const contexts = root === undefined ? [] : attributeValues(root, "namingContexts");
      return contexts.length === 0 ? null : contexts.map((name) => name.toLowerCase());
    } catch (error) {
      if (error instanceof ResultCodeError) return null; // it answers, and that is what was asked
      throw error;
    }
  });
}
