import type { Certificates } from "./certificates.ts";
import type { Desktop } from "./desktop.ts";
import type { FileDetails } from "./file-details.ts";
import type { Folders } from "./folders.ts";
import type { Links } from "./links.ts";
import type { Network } from "./network.ts";
import type { Power } from "./power.ts";
import type { Processes } from "./processes.ts";
import type { Registry } from "./registry.ts";
import type { SystemInformation } from "./system-information.ts";
import type { Users } from "./users.ts";

/**
 * Everything in which operating systems differ. The language, its functions and its sections know the machine only
 * through these interfaces; one file per system implements them.
 */
export interface Platform {
  readonly system: "linux" | "windows" | "macos";
  readonly information: SystemInformation;
  readonly processes: Processes;
  readonly network: Network;
  readonly folders: Folders;
  readonly power: Power;
  readonly certificates: Certificates;
  readonly links: Links;
  /** What only Windows has: `null` elsewhere. */
  readonly registry: Registry | null;
  readonly users: Users | null;
  readonly fileDetails: FileDetails | null;
  readonly desktop: Desktop | null;
}
