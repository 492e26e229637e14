import { mkdirSync, rmSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { reasonOf } from "../language/problems.ts";
import { toBytes, toText } from "../text/bytes.ts";
import type { LinkFolderName, LinkReport, Links } from "./links.ts";
import { specialFolder } from "./windows-folders.ts";
import { saveShellLink } from "./windows-shell-link.ts";

const menu = "AppData\\Roaming\\Microsoft\\Windows\\Start Menu";

/** Windows' name of each folder, and where a user's own lies in a profile that is not ours. */
const folders = {
  desktop: ["desktop", "Desktop"],
  desktopdirectory: ["desktop", "Desktop"],
  sendto: ["sendTo", "AppData\\Roaming\\Microsoft\\Windows\\SendTo"],
  startmenu: ["startMenu", menu],
  programs: ["programs", `${menu}\\Programs`],
  startup: ["startup", `${menu}\\Programs\\Startup`],
  common_startmenu: ["commonStartMenu", null],
  common_programs: ["commonPrograms", null],
  common_startup: ["commonStartup", null],
  common_desktopdirectory: ["commonDesktop", null],
} as const satisfies Record<LinkFolderName, readonly [Parameters<typeof specialFolder>[0], string | null]>;

function baseFolder(base: LinkFolderName, profile: string): string {
  const [special, inProfile] = folders[base];
  return profile === "" || inProfile === null ? toText(specialFolder(special)) : join(toText(profile), inProfile);
}

/** A path below a folder (Unicode text); `null` where a name leads out of it, or to the folder itself. */
function below(folder: string, name: string): string | null {
  const path = resolve(folder, toText(name));
  return path.startsWith(resolve(folder) + sep) ? path : null;
}

function attempt(report: LinkReport, what: string, action: () => void): void {
  try {
    action();
    report.tell(what);
  } catch (error) {
    report.error(`${what}: ${reasonOf(error)}`);
  }
}

/** `.lnk` files in folders; the menu is a tree of them. */
export const windowsLinks: Links = {
  open: (base, subfolder, profile, report) => {
    const start = baseFolder(base, profile);
    const folder = subfolder === "" ? start : below(start, subfolder);
    if (folder === null) {
      report.error(`${subfolder} is not below the folder ${base}`);
      return null;
    }
    mkdirSync(folder, { recursive: true });
    const fileOf = (name: string) => {
      const path = below(folder, name);
      if (path === null) report.error(`${name} is no name of a link`);
      return path;
    };
    return {
      create: (link) => {
        const path = fileOf(`${link.name}.lnk`);
        if (path !== null) attempt(report, `${toBytes(path)} created`, () => saveShellLink(toBytes(path), link));
      },
      delete: (name) => {
        const path = fileOf(/\.url$/i.test(name) ? name : `${name}.lnk`);
        if (path !== null) attempt(report, `${toBytes(path)} deleted`, () => rmSync(path, { force: true }));
      },
    };
  },
  deleteSubfolder: (base, subfolder, profile, report) => {
    const folder = below(baseFolder(base, profile), subfolder);
    if (folder === null) report.error(`${subfolder} is not below the folder ${base}`);
    else {
      attempt(report, `${toBytes(folder)} deleted`, () => rmSync(folder, { recursive: true, force: true }));
    }
  },
};
