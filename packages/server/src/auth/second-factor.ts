import { OpsiError } from "@opsi-ts/model";
import { Secret, TOTP } from "otpauth";
import { sameText } from "./same-text.ts";
import type { UserAuthenticator, UserLogin } from "./user-login.ts";

/** Who needs a one-time password beside his own: nobody, users who have it switched on, everybody. */
export type SecondFactorMode = "inactive" | "totp_optional" | "totp_mandatory";

/** What is stored of a user's second factor. */
export interface StoredFactor {
  readonly active: boolean;
  /** Base 32; empty = none. */
  readonly secret: string;
}

/** Seconds that a code is good for. (RFC 6238) */
const period = 30;

/** User logins with a time-based one-time password as second factor. (service 3.4, RFC 6238) */
export class SecondFactor {
  readonly #mode: SecondFactorMode;
  readonly #passwords: UserAuthenticator;
  readonly #storedFactor: (username: string) => Promise<StoredFactor | null>;
  readonly #now: () => number;
  /** Until when the last code of a user that was right is good: it is taken once. (RFC 6238 5.2) */
  readonly #usedUntil = new Map<string, number>();

  constructor(
    mode: SecondFactorMode,
    passwords: UserAuthenticator,
    storedFactor: (username: string) => Promise<StoredFactor | null>,
    now: () => number = Date.now,
  ) {
    this.#mode = mode;
    this.#passwords = passwords;
    this.#storedFactor = storedFactor;
    this.#now = now;
  }

  /**
   * The password is checked first: who does not know it learns nothing about the second factor.
   *
   * @param code the one-time password; where it is empty the last six digits of the password are taken for it
   * @throws OpsiError OpsiServiceAuthenticationError
   */
  async logIn(username: string, password: string, code: string): Promise<UserLogin> {
    const stored = this.#mode === "inactive" ? null : await this.#storedFactor(username);
    if (this.#mode === "inactive" || (this.#mode === "totp_optional" && stored?.active !== true)) {
      return this.#passwords.logIn(username, password);
    }
    const given = code === "" ? splitPassword(password) : { password, code };
    const { groups, methods } = await this.#passwords.logIn(username, given.password);
    this.#check(username, stored?.secret ?? "", given.code.trim());
    return { groups, methods: new Set([...methods, "totp"] as const) };
  }

  #check(username: string, secret: string, code: string): void {
    const totp = totpOf(secret);
    if (totp === null) throw refused("MFA OTP configuration error");
    if (code === "") throw refused("MFA one-time password missing");
    const now = this.#now();
    const used = (this.#usedUntil.get(username) ?? 0) > now;
    if (!sameText(code, totp.generate({ timestamp: now })) || used) throw refused("Incorrect one-time password");
    for (const [name, until] of this.#usedUntil) if (until <= now) this.#usedUntil.delete(name);
    this.#usedUntil.set(username, now - (now % (period * 1000)) + period * 1000);
  }
}

const refused = (text: string) => new OpsiError("OpsiServiceAuthenticationError", text);

function splitPassword(text: string): { password: string; code: string } {
  const [, password, code] = /^(.+)(\d{6})$/s.exec(text) ?? [];
  return password !== undefined && code !== undefined ? { password, code } : { password: text, code: "" };
}

function totpOf(secret: string): TOTP | null {
  try {
    return secret === "" ? null : new TOTP({ secret: Secret.fromBase32(secret), period });
  } catch {
    return null; // no base 32
  }
}
