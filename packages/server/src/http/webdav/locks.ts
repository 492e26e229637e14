import { randomUUID } from "node:crypto";

export interface Lock {
  /** `opaquelocktoken:<uuid>` */
  readonly token: string;
  readonly path: string;
  /** The address at which it was set. */
  readonly root: string;
  readonly scope: "exclusive" | "shared";
  readonly depth: "0" | "infinity";
  /** What the client said about its user, as XML. */
  readonly owner: string;
  expires: number;
}

const greatestCount = 10_000;
const longestSeconds = 7 * 86_400;

/**
 * Write locks of files and folders, in memory. They belong to places on the disk, so that one set through `/dav/depot`
 * holds for `/depot` too. RFC 4918, 6 and 7
 */
export class Locks {
  readonly #locks = new Map<string, Lock>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Locks that stop a write at this place: its own and those of folders above with depth infinity. */
  covering(path: string): Lock[] {
    return this.#living().filter(
      (lock) => lock.path === path || (lock.depth === "infinity" && isBelow(path, lock.path)),
    );
  }

  /** Locks of this very place. */
  at(path: string): Lock[] {
    return this.#living().filter((lock) => lock.path === path);
  }

  /** Locks of things inside this folder. */
  inside(path: string): Lock[] {
    return this.#living().filter((lock) => isBelow(lock.path, path));
  }

  /** @returns null if other locks do not allow it */
  add(wanted: Omit<Lock, "token" | "expires">, seconds: number): Lock | null {
    const others = [...this.covering(wanted.path), ...(wanted.depth === "infinity" ? this.inside(wanted.path) : [])];
    if (others.some(({ scope }) => scope === "exclusive" || wanted.scope === "exclusive")) return null;
    if (this.#locks.size >= greatestCount) return null;
    const lock = { ...wanted, token: `opaquelocktoken:${randomUUID()}`, expires: this.#end(seconds) };
    this.#locks.set(lock.token, lock);
    return lock;
  }

  refresh(lock: Lock, seconds: number): void {
    lock.expires = this.#end(seconds);
  }

  remove(lock: Lock): void {
    this.#locks.delete(lock.token);
  }

  /** Forgets the locks of what is no longer there. */
  removeTree(path: string): void {
    for (const lock of this.#locks.values()) if (lock.path === path || isBelow(lock.path, path)) this.remove(lock);
  }

  secondsLeft(lock: Lock): number {
    return Math.max(0, Math.round((lock.expires - this.#now()) / 1000));
  }

  #end(seconds: number): number {
    return this.#now() + Math.min(Math.max(seconds, 1), longestSeconds) * 1000;
  }

  #living(): Lock[] {
    if (this.#locks.size === 0) return [];
    for (const lock of this.#locks.values()) if (lock.expires <= this.#now()) this.remove(lock);
    return [...this.#locks.values()];
  }
}

const isBelow = (path: string, folder: string) => path.startsWith(`${folder}/`);

/** Seconds of a Timeout header: the first that we understand, else the longest. */
export function timeoutSeconds(header: string): number {
  for (const wish of header.split(",")) {
    const match = /^\s*Second-(\d{1,10})\s*$/i.exec(wish);
    if (match !== null) return Number(match[1]);
  }
  return longestSeconds;
}
