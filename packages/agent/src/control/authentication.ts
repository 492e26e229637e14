import { createHash, timingSafeEqual } from "node:crypto";

export type Verdict = "welcome" | "denied" | "missing" | "unsupported" | "blocked";

const windowMilliseconds = 120_000;
/** More addresses than this are not remembered; the oldest goes. */
const maximumAddresses = 1000;

/**
 * Who may use the control server: whoever knows the host key, under an empty user name or one that looks like a host id.
 * An address with too many failures is locked out. (agent §6.2)
 */
export class Authentication {
  readonly #hostKey: () => string;
  readonly #maximumFailures: () => number;
  readonly #failures = new Map<string, number[]>();

  constructor(hostKey: () => string, maximumFailures: () => number) {
    this.#hostKey = hostKey;
    this.#maximumFailures = maximumFailures;
  }

  check(authorization: string | undefined, address: string, now = Date.now()): Verdict {
    const recent = (this.#failures.get(address) ?? []).filter((time) => now - time < windowMilliseconds);
    if (recent.length >= this.#maximumFailures()) return "blocked";
    if (authorization === undefined) return "missing";
    if (!authorization.startsWith("Basic ")) return "unsupported";
    const text = Buffer.from(authorization.slice(6), "base64").toString("utf8");
    // A hardware address has five colons of its own.
    const colon = text.split(":").length === 7 ? text.lastIndexOf(":") : text.indexOf(":");
    const username = colon < 0 ? text : text.slice(0, colon);
    const password = colon < 0 ? "" : text.slice(colon + 1);
    const looksLikeHost = username === "" || username.split(".").length > 2 || text.split(":").length === 7;
    const key = this.#hostKey();
    if (looksLikeHost && password !== "" && key !== "" && equals(password, key)) {
      this.#failures.delete(address);
      return "welcome";
    }
    this.#failures.delete(address); // moves to the end
    this.#failures.set(address, [...recent, now]);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > maximumAddresses && oldest !== undefined) this.#failures.delete(oldest);
    return "denied";
  }
}

/** Takes the same time for every wrong text, whatever its length. */
function equals(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
