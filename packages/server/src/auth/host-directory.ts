import type { HostType } from "./session.ts";

/** What a login needs to know of a host. */
export interface HostRecord {
  readonly id: string;
  readonly type: HostType;
  readonly opsiHostKey: string | null;
  /** Only clients have one; empty or null = none. */
  readonly oneTimePassword: string | null;
  readonly ipAddress: string | null;
}

/** One literal value; wildcards mean nothing here. Hardware addresses are `xx:xx:xx:xx:xx:xx`, UUIDs lower-case. */
export type HostKey =
  | { readonly id: string }
  | { readonly hardwareAddress: string }
  | { readonly systemUUID: string }
  | { readonly opsiHostKey: string };

/**
 * What host login needs from the data; implemented over the backend. (service 3.3)
 * `findHosts` compares literally and returns every match, because more than one is a failed login.
 */
export interface HostDirectory {
  findHosts(by: HostKey): readonly HostRecord[] | Promise<readonly HostRecord[]>;
  /** Those of the ids that hosts have. */
  existing(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** A client logged in: `lastSeen` (server local time, `YYYY-MM-DD HH:MM:SS`) and, if it changed, its address. */
  noteLogin(hostId: string, login: { readonly lastSeen: string; readonly ipAddress?: string }): void | Promise<void>;
  clearOneTimePassword(hostId: string): void | Promise<void>;
  /** Option `recover-clients`: an OpsiClient with this id and key. */
  createClient(client: {
    readonly id: string;
    readonly opsiHostKey: string;
    readonly notes: string;
  }): HostRecord | Promise<HostRecord>;
}
