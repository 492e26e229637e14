import { familyOf, fromHash, timestamp, User } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";
import type { Credentials } from "./credentials.ts";
import { readPrivileges } from "./privileges.ts";
import type { StoredFactor } from "./second-factor.ts";
import { refreshUserConfigs } from "./user-configs.ts";
import type { UserDirectory } from "./user-directory.ts";

const userFamily = familyOf("user");

/** What the data remembers of users who log in. */
export class StoredUsers implements UserDirectory {
  readonly #storage: Storage;
  readonly #credentials: Credentials;

  constructor(storage: Storage, credentials: Credentials) {
    this.#storage = storage;
    this.#credentials = credentials;
  }

  async noteUserLogin(username: string, login: { readonly isAdmin: boolean; readonly groups: ReadonlySet<string> }) {
    const lastLogin = timestamp();
    const known = await this.#storage.readIdents(userFamily, { filter: { id: username } });
    const user = fromHash(
      User,
      known.length > 0 ? { id: username, lastLogin } : { id: username, created: lastLogin, lastLogin },
    );
    await this.#storage.write(userFamily, [user], known.length > 0 ? "update" : "insert");
    if (login.isAdmin) await refreshUserConfigs(this.#storage, username, login.groups);
    const privileges = await readPrivileges(this.#storage, username);
    if (privileges === null) return { onlyReads: false, writesServer: true, isLimited: false };
    const { onlyReads, writesServer, limitsDepots, limitsHostGroups, limitsProductGroups } = privileges;
    return { onlyReads, writesServer, isLimited: limitsDepots || limitsHostGroups || limitsProductGroups };
  }

  /** Asked before the password is checked: the name may be anything, and none is taken for a pattern. */
  async secondFactor(username: string): Promise<StoredFactor | null> {
    if (/^[<>]|[*%]/.test(username)) return null;
    const found = await this.#storage.read(userFamily, { filter: { id: username } });
    const user = found.find(({ id }) => id === username);
    return user ? { active: user["mfaState"] === "totp_active", secret: String(user["otpSecret"] ?? "") } : null;
  }

  /** The monitoring user's; other users log in with passwords of which only hashes are kept. */
  filePassword(username: string): Promise<string | null> {
    return this.#credentials.find(username);
  }
}
