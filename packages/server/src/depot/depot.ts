import type { DepotData } from "./depot-data.ts";
import type { Owner } from "./file-rights.ts";

/** Folders of a depot, all absolute. `root` is `/` but for tests and servers in a folder of their own. */
export interface DepotFolders {
  readonly root: string;
  readonly depot: string;
  readonly temporary: string;
  /** `/var/lib/opsi` */
  readonly state: string;
  /** What TFTP serves: `/tftpboot`. */
  readonly boot: string;
}

/** This server as a depot: what installing and uninstalling work with. */
export interface Depot {
  readonly id: string;
  readonly data: DepotData;
  readonly folders: DepotFolders;
  readonly serverVersion: string;
  /** Who the files in the depot belong to. */
  readonly owner: Owner;
  readonly log: DepotLog;
}

/** The part of the server's log that is needed here. */
export interface DepotLog {
  info(fields: Record<string, unknown>, message: string): void;
  warning(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}
