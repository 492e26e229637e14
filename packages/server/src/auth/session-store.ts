import { randomUUID } from "node:crypto";
import { tooManySessions } from "./refusal.ts";
import type { Session } from "./session.ts";

export interface SessionSettings {
  /** seconds */
  readonly lifetime: number;
  /** 0 = no limit */
  readonly maxPerAddress: number;
  readonly excludedAddresses: ReadonlySet<string>;
}

const never: ReadonlySet<never> = new Set();

/** The sessions of this process. Expired ones are found dead when asked for and swept away twice a minute. (service 3.5) */
export class SessionStore implements Disposable {
  readonly #settings: SessionSettings;
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  /** The same sessions by address, so that the limit costs nothing with ten thousand clients. */
  readonly #byAddress = new Map<string, Set<Session>>();
  /** Addresses of depots: until when they have no limit. */
  readonly #depotAddresses = new Map<string, number>();
  readonly #sweeper: NodeJS.Timeout;
  readonly #endListeners = new Set<(session: Session) => void>();

  constructor(settings: SessionSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
    this.#sweeper = setInterval(() => this.sweep(), 30_000);
    this.#sweeper.unref();
  }

  /** The living session with this id; null if unknown, expired or ended. */
  find(id: string): Session | null {
    const session = this.#sessions.get(id);
    if (session === undefined) return null;
    if (this.#isAlive(session)) return session;
    this.#remove(session);
    return null;
  }

  /**
   * A new session that nobody has logged in to; it is not kept before `keep`.
   *
   * @throws Refusal 403 if the address has too many living ones (service 1.9)
   */
  create(address: string, userAgent: string): Session {
    const { maxPerAddress, excludedAddresses, lifetime } = this.#settings;
    if (maxPerAddress > 0 && !excludedAddresses.has(address) && !this.#isDepot(address)) {
      if (this.countOfAddress(address) + 1 > maxPerAddress) throw tooManySessions(address, userAgent, maxPerAddress);
    }
    const now = this.#now();
    return {
      id: randomUUID().replaceAll("-", ""),
      username: "",
      hostId: null,
      hostType: null,
      authenticated: false,
      isAdmin: false,
      isReadOnly: false,
      writesServer: true,
      isLimited: false,
      userGroups: never,
      address,
      userAgent,
      authMethods: never,
      created: now,
      lastUsed: now,
      messagebusLastUsed: 0,
      maxAge: lifetime,
      ended: false,
    };
  }

  keep(session: Session): void {
    if (session.ended || this.#sessions.has(session.id)) return;
    this.#sessions.set(session.id, session);
    this.#index(session);
  }

  /** A request uses a session; its address may have changed. */
  use(session: Session, address: string, userAgent: string, now: number): void {
    session.lastUsed = now;
    session.userAgent = userAgent;
    if (session.address === address) return;
    const kept = this.#unindex(session);
    session.address = address;
    if (kept) this.#index(session);
  }

  /** Ends a session for good; its id is worth nothing from now on. */
  delete(session: Session): void {
    session.ended = true;
    this.#remove(session);
  }

  /** Called with every session that ends, by logout, deletion or age. Returns how to stop listening. */
  onEnd(listener: (session: Session) => void): () => void {
    this.#endListeners.add(listener);
    return () => this.#endListeners.delete(listener);
  }

  /** A depot logged in from here: its address has no limit for the length of a session. */
  noteDepotAddress(address: string): void {
    this.#depotAddresses.set(address, this.#now() + this.#settings.lifetime * 1000);
  }

  countOfAddress(address: string): number {
    return this.list(address).length;
  }

  /** Living sessions, of all addresses or one. */
  list(address?: string): Session[] {
    const sessions = address === undefined ? this.#sessions.values() : (this.#byAddress.get(address) ?? []);
    return [...sessions].filter((session) => this.#isAlive(session));
  }

  sweep(): void {
    for (const session of this.#sessions.values()) if (!this.#isAlive(session)) this.#remove(session);
    for (const [address, until] of this.#depotAddresses) if (until < this.#now()) this.#depotAddresses.delete(address);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sweeper);
  }

  #isAlive(session: Session): boolean {
    const used = Math.max(session.lastUsed, session.messagebusLastUsed);
    return !session.ended && used + session.maxAge * 1000 > this.#now();
  }

  #isDepot(address: string): boolean {
    return (this.#depotAddresses.get(address) ?? 0) > this.#now();
  }

  #remove(session: Session): void {
    if (!this.#sessions.delete(session.id)) return;
    this.#unindex(session);
    session.ended = true;
    for (const listener of this.#endListeners) listener(session);
  }

  #index(session: Session): void {
    const others = this.#byAddress.get(session.address);
    if (others === undefined) this.#byAddress.set(session.address, new Set([session]));
    else others.add(session);
  }

  #unindex(session: Session): boolean {
    const others = this.#byAddress.get(session.address);
    const found = others?.delete(session) ?? false;
    if (others?.size === 0) this.#byAddress.delete(session.address);
    return found;
  }
}
