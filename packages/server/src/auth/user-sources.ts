import type { LocalUsers } from "./local-users.ts";
import { LocalUserAuthenticator, type UserAuthenticator, type UserLogin } from "./user-login.ts";

/**
 * The users of this server, then those of the site: of a directory or the operating system. A name that this server
 * knows counts here only, whatever password it may have elsewhere.
 */
export class UserSources implements UserAuthenticator {
  readonly #users: LocalUsers;
  readonly #local: LocalUserAuthenticator;
  readonly #elsewhere: UserAuthenticator | null;

  constructor(users: LocalUsers, elsewhere: UserAuthenticator | null) {
    this.#users = users;
    this.#local = new LocalUserAuthenticator(users);
    this.#elsewhere = elsewhere;
  }

  logIn(username: string, password: string): Promise<UserLogin> {
    const source = this.#users.find(username) === null ? this.#elsewhere : null;
    return (source ?? this.#local).logIn(username, password);
  }
}
