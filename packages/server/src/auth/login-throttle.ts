import { clientBlocked } from "./refusal.ts";

export interface ThrottleSettings {
  readonly maxFailures: number;
  /** seconds in which failures are counted */
  readonly interval: number;
  /** seconds */
  readonly blockTime: number;
}

/** Counts failed logins per address and blocks it for a while. (service 1.9) */
export class LoginThrottle {
  readonly #settings: ThrottleSettings;
  readonly #now: () => number;
  readonly #failures = new Map<string, number[]>();
  readonly #blockedUntil = new Map<string, number>();

  constructor(settings: ThrottleSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * Before a login attempt. The attempt that finds too many failures sets the block and is still processed.
   *
   * @throws Refusal 403 while the address is blocked
   */
  admit(address: string): void {
    if (this.isBlocked(address)) throw clientBlocked(address);
    if (this.#recent(address).length < this.#settings.maxFailures) return;
    noteLast(this.#blockedUntil, address, this.#now() + this.#settings.blockTime * 1000);
  }

  isBlocked(address: string): boolean {
    const until = this.#blockedUntil.get(address) ?? 0;
    if (until > this.#now()) return true;
    this.#blockedUntil.delete(address);
    return false;
  }

  noteFailure(address: string): void {
    const failures = this.#recent(address);
    failures.push(this.#now());
    if (failures.length > this.#settings.maxFailures) failures.shift(); // more would change nothing
    noteLast(this.#failures, address, failures);
  }

  /** Forgets block and failures; true if there was a block. */
  unblock(address: string): boolean {
    const blocked = this.isBlocked(address);
    this.#blockedUntil.delete(address);
    this.#failures.delete(address);
    return blocked;
  }

  blockedAddresses(): string[] {
    return [...this.#blockedUntil.keys()].filter((address) => this.isBlocked(address));
  }

  #recent(address: string): number[] {
    const since = this.#now() - this.#settings.interval * 1000;
    return (this.#failures.get(address) ?? []).filter((time) => time > since);
  }
}

/** A flood from very many addresses must not fill the memory: the oldest go first. */
function noteLast<T>(notes: Map<string, T>, address: string, note: T): void {
  notes.delete(address);
  notes.set(address, note);
  const [oldest] = notes.keys();
  if (notes.size > 10_000 && oldest !== undefined) notes.delete(oldest);
}
