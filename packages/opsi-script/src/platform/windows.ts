import { useSystemEncoding } from "../text/encodings.ts";
import type { Platform } from "./platform.ts";
import { windowsCertificates } from "./windows-certificates.ts";
import { windowsCodePages } from "./windows-code-pages.ts";
import { windowsDesktop } from "./windows-desktop.ts";
import { windowsFileDetails } from "./windows-file-details.ts";
import { userProfiles, windowsFolders } from "./windows-folders.ts";
import { windowsLinks } from "./windows-links.ts";
import { windowsNetwork } from "./windows-network.ts";
import { windowsPower } from "./windows-power.ts";
import { windowsProcesses } from "./windows-processes.ts";
import { windowsRegistry } from "./windows-registry.ts";
import { windowsInformation } from "./windows-system.ts";
import { windowsUsers } from "./windows-users.ts";

useSystemEncoding(windowsCodePages.files);

export const windows: Platform = {
  system: "windows",
  information: windowsInformation,
  processes: windowsProcesses,
  network: windowsNetwork,
  folders: windowsFolders,
  power: windowsPower,
  certificates: windowsCertificates,
  links: windowsLinks,
  registry: windowsRegistry,
  users: { ...windowsUsers, profiles: userProfiles },
  fileDetails: windowsFileDetails,
  desktop: windowsDesktop,
};
