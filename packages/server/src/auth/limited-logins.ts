import { OpsiError } from "@opsi-ts/model";
import type { UserAuthenticator, UserLogin } from "./user-login.ts";

/** Logins that cost a process or a connection each: some run, some wait, the rest is refused. */
export class LimitedLogins implements UserAuthenticator {
  readonly #logins: UserAuthenticator;
  readonly #running: number;
  readonly #mostWaiting: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(logins: UserAuthenticator, running = 8, waiting = 100) {
    this.#logins = logins;
    this.#running = this.#free = running;
    this.#mostWaiting = waiting;
  }

  /** @throws OpsiError OpsiServiceUnavailableError where too many wait already */
  async logIn(username: string, password: string): Promise<UserLogin> {
    if (this.#free > 0) this.#free--;
    else if (this.#waiting.length < this.#mostWaiting) await new Promise<void>((start) => this.#waiting.push(start));
    else {
      const text = `Too many logins at the same time: ${this.#running} are checked, ${this.#mostWaiting} wait`;
      throw new OpsiError("OpsiServiceUnavailableError", text);
    }
    try {
      return await this.#logins.logIn(username, password);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
