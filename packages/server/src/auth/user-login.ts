import { createHmac, randomBytes } from "node:crypto";
import { OpsiError } from "@opsi-ts/model";
import type { LocalUsers } from "./local-users.ts";
import { passwordFits, unknownUserHash } from "./password-hash.ts";
import { sameText } from "./same-text.ts";
import type { AuthMethod } from "./session.ts";

export interface UserLogin {
  readonly groups: ReadonlySet<string>;
  readonly methods: ReadonlySet<AuthMethod>;
}

/** Checks user name and password somewhere: here a local file; PAM, LDAP and others have the same face. */
export interface UserAuthenticator {
  /** @throws OpsiError OpsiServiceAuthenticationError */
  logIn(username: string, password: string): Promise<UserLogin>;
}

/** How long a password that was right need not be computed again. WebDAV clients send it with every request. */
const rememberMilliseconds = 60_000;

/** Users from the local file. Unknown users take as long as known ones. (service 3.4) */
export class LocalUserAuthenticator implements UserAuthenticator {
  readonly #users: LocalUsers;
  /** Keyed by a hash that only this process can make, so that no password lies in memory. */
  readonly #remembered = new Map<string, { readonly stored: string; readonly until: number }>();
  readonly #secret = randomBytes(32);

  constructor(users: LocalUsers) {
    this.#users = users;
  }

  async logIn(username: string, password: string): Promise<UserLogin> {
    const user = this.#users.find(username);
    const proof = createHmac("sha256", this.#secret).update(`${username}\0${password}`).digest("base64");
    const known = this.#remembered.get(proof);
    if (user !== null && known !== undefined && known.until > Date.now() && known.stored === user.password) {
      return loggedIn(user.groups);
    }
    const fits = await passwordFits(password, user?.password ?? unknownUserHash);
    const current = this.#users.find(username); // hashing took a while
    if (current === null || current.password !== user?.password || !fits) {
      const text = `Authentication failed for user '${username}': wrong user name or password`;
      throw new OpsiError("OpsiServiceAuthenticationError", text);
    }
    if (this.#remembered.size >= 1000) this.#remembered.clear();
    this.#remembered.set(proof, { stored: current.password, until: Date.now() + rememberMilliseconds });
    return loggedIn(current.groups);
  }
}

const loggedIn = (groups: readonly string[]): UserLogin => ({
  groups: new Set(groups),
  methods: new Set(["username", "password_file"] as const),
});

/** The monitoring user: its password lies readable in the opsi password file. (service 3.2) */
export function checkMonitoringPassword(username: string, given: string, stored: string | null): UserLogin {
  if (stored === null || stored === "" || !sameText(given, stored)) {
    throw new OpsiError(
      "OpsiServiceAuthenticationError",
      `Authentication failed for user '${username}': wrong password`,
    );
  }
  return { groups: new Set(), methods: new Set(["username", "password_file"] as const) };
}
