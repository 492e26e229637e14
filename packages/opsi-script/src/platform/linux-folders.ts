import { existsSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { toBytes } from "../text/bytes.ts";
import type { Folders } from "./folders.ts";
import { outputOf } from "./program-output.ts";

const isRoot = () => process.getuid?.() === 0;
const log = () => (isRoot() ? "/var/log/opsi-script" : "/tmp");

interface Account {
  readonly name: string;
  readonly id: number;
  readonly home: string;
}

const accounts = (): Account[] =>
  readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , id = "0", , , home = ""]) => ({ name, id: Number(id), home: toBytes(home) }));

/** Below 1000 are services; 65534 is nobody. */
const isPerson = ({ id, home }: Account) => id >= 1000 && id < 65534 && home !== "" && existsSync(home);

export const linuxFolders: Folders = {
  get log() {
    return log();
  },
  constants: () => {
    const home = toBytes(homedir());
    return {
      ProfileDir: "/home",
      DefaultUserProfileDir: "",
      AllUsersProfileDir: "=", // what the original shows; scripts cannot use it
      CommonProfileDir: "=",
      CommonAppDataDir: "",
      CommonStartMenuDir: "",
      CommonStartMenuPath: "",
      CommonDesktopDir: "",
      CommonStartupDir: "/etc/xdg/autostart",
      CommonProgramsDir: "/usr/share/applications",
      AppDataDir: home,
      CurrentAppDataDir: home,
      CurrentProfileDir: `/home/${toBytes(userInfo().username)}`,
      CurrentStartmenuDir: "",
      CurrentProgramsDir: "",
      CurrentSendToDir: "",
      CurrentDesktopDir: () => toBytes(outputOf("xdg-user-dir", "DESKTOP")),
      CurrentStartupDir: `${home}/.config/autostart/`,
      ScriptDrive: "",
      opsiTmpDir: "/tmp",
      opsiUserTmpDir: "/tmp",
      opsiLogDir: log(),
      opsiapplog: "~/opsi.org/applog",
      opsidata: "/var/lib/opsi-client-agent",
    };
  },
  profiles: () =>
    accounts()
      .filter(isPerson)
      .map(({ home }) => home),
  profileOf: (user) => {
    const name = user.slice(user.lastIndexOf("\\") + 1);
    return accounts().find((account) => account.name === name)?.home ?? toBytes(homedir());
  },
  hostsFile: "/etc/hosts",
  libraries: ["/usr/share/opsi-script/lib"],
};
