import type { LdapSettings } from "../../auth/ldap/ldap-settings.ts";
import type { ConfigFilePaths } from "../../backup/config-files.ts";
import type { Configuration } from "../../configuration/read-options.ts";

export interface MaintenanceState {
  /** seconds */
  readonly retryAfter: number;
  readonly message: string;
  readonly addressExceptions: readonly string[];
}

/** Normal work or maintenance. */
export interface ApplicationStateControl {
  readonly type: "startup" | "normal" | "maintenance" | "shutdown";
  readonly maintenance: MaintenanceState | null;
  set(type: "normal"): void;
  startMaintenance(options: Partial<MaintenanceState>): void;
}

/** Files that are handed from one request to another. */
export interface Transfers {
  store(
    source: AsyncIterable<Uint8Array>,
    about: { readonly fileName: string | null; readonly contentType: string | null; readonly username: string },
  ): Promise<string>;
  find(id: string): Promise<{ readonly path: string } | null>;
  remove(id: string): Promise<void>;
}

/** A call of the past. */
export interface RecentCall {
  readonly method: string;
  /** Who called: address and program. */
  readonly client: string;
  readonly deprecated: boolean;
}

/** A file below extend.d. */
export interface Extension {
  readonly file: string;
  /** `overwrite`: in the place of a method of the service itself. */
  readonly methods: readonly { readonly name: string; readonly overwrite: boolean }[];
  /** Why the file, or its newest version, was skipped. */
  readonly problem: string | null;
}

/** What the methods about the service itself work with. */
export interface ServiceControl {
  readonly configuration: Configuration;
  /** Key of this server's host object, as opsi.conf has it. */
  readonly hostKey: string;
  readonly applicationState: ApplicationStateControl;
  /** Where users are known beside this server; null = in no directory. */
  readonly directory: LdapSettings | null;
  readonly transfers: Transfers;
  /** What belongs into a backup beside the objects. */
  readonly configFiles: ConfigFilePaths;
  /** The newest calls. */
  recentCalls(): readonly RecentCall[];
  extensions(): readonly Extension[];
  /** Addresses that may not log in for a while, because they failed too often. */
  blockedAddresses(): readonly string[];
}
