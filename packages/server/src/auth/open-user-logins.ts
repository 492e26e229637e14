import type { OpsiConf } from "../configuration/opsi-conf.ts";
import type { Options } from "../configuration/option-table.ts";
import { ldapSettings } from "./ldap/ldap-settings.ts";
import { LdapUsers } from "./ldap/ldap-users.ts";
import { LimitedLogins } from "./limited-logins.ts";
import type { LocalUsers } from "./local-users.ts";
import { PamUsers } from "./pam-users.ts";
import { SecondFactor, type StoredFactor } from "./second-factor.ts";
import { UserSources } from "./user-sources.ts";

/**
 * How users log in, as the configuration says: where they are known, and whether they need a second factor.
 *
 * @throws ConfigurationError for a directory that opsi.conf names wrongly
 */
export function openUserLogins(
  options: Options,
  conf: OpsiConf,
  users: LocalUsers,
  storedFactor: (username: string) => Promise<StoredFactor | null>,
): SecondFactor {
  const directory = ldapSettings(conf);
  const elsewhere = directory !== null ? new LdapUsers(directory) : options.systemUsers ? new PamUsers() : null;
  const sources = new UserSources(users, elsewhere === null ? null : new LimitedLogins(elsewhere));
  return new SecondFactor(options.multiFactorAuth, sources, storedFactor);
}
