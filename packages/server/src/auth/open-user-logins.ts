import type { Options } from "../configuration/option-table.ts";
import { LimitedLogins } from "./limited-logins.ts";
import type { LocalUsers } from "./local-users.ts";
import { PamUsers } from "./pam-users.ts";
import { SecondFactor, type StoredFactor } from "./second-factor.ts";
import { UserSources } from "./user-sources.ts";

/** How users log in, as the configuration says: where they are known, and whether they need a second factor. */
export function openUserLogins(
  options: Options,
  users: LocalUsers,
  storedFactor: (username: string) => Promise<StoredFactor | null>,
): SecondFactor {
  const elsewhere = options.systemUsers ? new LimitedLogins(new PamUsers()) : null;
  return new SecondFactor(options.multiFactorAuth, new UserSources(users, elsewhere), storedFactor);
}
