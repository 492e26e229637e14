import { linuxCertificates } from "./linux-certificates.ts";
import { linuxFolders } from "./linux-folders.ts";
import { linuxLinks } from "./linux-links.ts";
import { linuxNetwork } from "./linux-network.ts";
import { linuxPower } from "./linux-power.ts";
import { linuxProcesses } from "./linux-processes.ts";
import { linuxInformation } from "./linux-system.ts";
import type { Platform } from "./platform.ts";

export const linux: Platform = {
  system: "linux",
  information: linuxInformation,
  processes: linuxProcesses,
  network: linuxNetwork,
  folders: linuxFolders,
  power: linuxPower,
  certificates: linuxCertificates,
  links: linuxLinks,
  registry: null,
  users: null,
  fileDetails: null,
  desktop: null,
};
