import { existsSync } from "node:fs";
import { join } from "node:path";
import { toBytes, toText } from "../text/bytes.ts";
import type { Folders } from "./folders.ts";
import { registryText } from "./registry-values.ts";
import type { UserProfile } from "./users.ts";
import { fromWide, windowsFunction } from "./windows-library.ts";
import { windowsRegistry } from "./windows-registry.ts";
import { windowsUsers } from "./windows-users.ts";

const folderPath = windowsFunction<
  (window: number, folder: number, token: number, flags: number, path: Buffer) => number
>("shell32", "int SHGetFolderPathW(intptr_t window, int folder, intptr_t token, uint32 flags, void *path)");

/** Windows' numbers of special folders (CSIDL). */
const numbers = {
  programs: 0x02,
  startup: 0x07,
  sendTo: 0x09,
  startMenu: 0x0b,
  desktop: 0x10,
  commonStartMenu: 0x16,
  commonPrograms: 0x17,
  commonStartup: 0x18,
  commonDesktop: 0x19,
  applicationData: 0x1a,
  commonApplicationData: 0x23,
  windows: 0x24,
  system: 0x25,
  programFiles: 0x26,
  profile: 0x28,
  programFiles32: 0x2a,
} as const;

/** Empty where the system has no such folder. */
export function specialFolder(name: keyof typeof numbers): string {
  const path = Buffer.alloc(520);
  return folderPath(0, numbers[name], 0, 0, path) === 0 ? fromWide(path) : "";
}

const expand = (text: string) =>
  text.replace(/%([^%]+)%/g, (whole, name: string) => toBytes(process.env[toText(name)] ?? "") || whole);

const profileList = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList";
const shellFolders = "Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\Shell Folders";

const valueIn = (key: string, name: string) => {
  const value = windowsRegistry.read(key, name, 64);
  return value === null ? "" : expand(registryText(value));
};

const systemDrive = () => toBytes(process.env["SystemDrive"] ?? "C:");
const usersFolder = () => valueIn(profileList, "ProfilesDirectory") || `${systemDrive()}\\Users`;
const defaultProfile = () => valueIn(profileList, "Default") || `${usersFolder()}\\Default`;

/** LocalSystem, LocalService and NetworkService have profiles that are nobody's. */
const isPerson = (securityId: string) => securityId.startsWith("S-1-5-21-") || securityId.startsWith("S-1-12-1-");

/** Profiles of people by their security id; the default one has none. */
export function userProfiles(): UserProfile[] {
  const people = (windowsRegistry.subkeys(profileList, 64) ?? [])
    .filter(isPerson)
    .map((securityId) => ({ securityId, folder: valueIn(`${profileList}\\${securityId}`, "ProfileImagePath") }));
  return [...people, { securityId: "", folder: defaultProfile() }].filter(
    ({ folder }) => folder !== "" && existsSync(toText(folder)),
  );
}

function profileOf(user: string): string {
  const securityId = windowsUsers.securityIdOf(user);
  const folder = securityId === "" ? "" : valueIn(`${profileList}\\${securityId}`, "ProfileImagePath");
  return folder || specialFolder("profile");
}

/** Folders of a user: asked from the system for our own, from the user's registry for another one. */
function foldersOfUser(user: string) {
  const securityId = user === "" ? "" : windowsUsers.securityIdOf(user);
  const own = (name: string, special: keyof typeof numbers) => () =>
    (securityId === "" ? "" : valueIn(`HKU\\${securityId}\\${shellFolders}`, name)) || specialFolder(special);
  return {
    AppDataDir: own("AppData", "applicationData"),
    CurrentAppDataDir: own("AppData", "applicationData"),
    CurrentProfileDir: () => profileOf(user),
    CurrentStartmenuDir: own("Start Menu", "startMenu"),
    CurrentProgramsDir: own("Programs", "programs"),
    CurrentSendToDir: own("SendTo", "sendTo"),
    CurrentDesktopDir: own("Desktop", "desktop"),
    CurrentStartupDir: own("Startup", "startup"),
    ...(securityId === "" ? {} : { UsercontextSID: securityId }),
  };
}

const installation = "c:\\opsi.org";
const helpers = () => `${programFiles32()}\\opsi.org\\opsiScriptHelper`;
const programFiles32 = () => specialFolder("programFiles32") || specialFolder("programFiles");
const publicProfile = () => valueIn(profileList, "Public") || toBytes(process.env["PUBLIC"] ?? "");

export const windowsFolders: Folders = {
  log: `${installation}\\log`,
  constants: (user, scriptPath) => ({
    Systemroot: () => specialFolder("windows"),
    System: () => specialFolder("system"),
    SystemDrive: systemDrive,
    ProgramFilesDir: programFiles32,
    ProgramFiles32Dir: programFiles32,
    ProgramFiles64Dir: () => specialFolder("programFiles"),
    ProgramFilesSysnativeDir: () => specialFolder("programFiles"),
    ProfileDir: usersFolder,
    DefaultUserProfileDir: defaultProfile,
    AllUsersProfileDir: publicProfile,
    CommonProfileDir: publicProfile,
    CommonAppDataDir: () => specialFolder("commonApplicationData"),
    CommonStartMenuDir: () => specialFolder("commonStartMenu"),
    CommonStartMenuPath: () => specialFolder("commonStartMenu"),
    CommonDesktopDir: () => specialFolder("commonDesktop"),
    CommonStartupDir: () => specialFolder("commonStartup"),
    CommonProgramsDir: () => specialFolder("commonPrograms"),
    ...foldersOfUser(user),
    TempUser: "PatchNTUserdatTempUser",
    ScriptDrive: /^[a-z]:/i.exec(scriptPath)?.[0] ?? "",
    opsiTmpDir: `${installation}\\tmp`,
    opsiUserTmpDir: `${installation}\\usertmp`,
    opsiLogDir: `${installation}\\log`,
    opsiapplog: `${installation}\\applog`,
    opsidata: `${installation}\\data`,
    opsiScriptHelperPath: helpers,
  }),
  profiles: () => userProfiles().map(({ folder }) => folder),
  profileOf,
  get hostsFile() {
    return `${specialFolder("system")}\\drivers\\etc\\hosts`;
  },
  get libraries() {
    return [join(toText(helpers()), "lib")];
  },
};
