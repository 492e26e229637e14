import { statfsSync } from "node:fs";
import { userInfo } from "node:os";
import { toBytes, toText } from "../text/bytes.ts";
import { registryText } from "./registry-values.ts";
import type { SystemInformation } from "./system-information.ts";
import { windowsLocale } from "./windows-locale.ts";
import { windowsName } from "./windows-names.ts";
import { listProcesses } from "./windows-process-list.ts";
import { windowsRegistry } from "./windows-registry.ts";
import { isElevated } from "./windows-token.ts";
import { windowsVersion } from "./windows-version.ts";

const valueIn = (key: string, name: string) => {
  const value = windowsRegistry.read(key, name, 64);
  return value === null ? "" : registryText(value);
};

const biosKey = "HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS";
const currentVersion = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";

/** What the firmware has told Windows, by the names of `getHWBiosInfoMap` (functions §7.3). */
const bios = [
  ["bios.Vendor", "BIOSVendor"],
  ["bios.Version", "BIOSVersion"],
  ["bios.ReleaseDate", "BIOSReleaseDate"],
  ["sysinfo.Manufacturer", "SystemManufacturer"],
  ["sysinfo.Product Name", "SystemProductName"],
  ["sysinfo.Version", "SystemVersion"],
  ["sysinfo.SKU Number", "SystemSKU"],
  ["sysinfo.Family", "SystemFamily"],
  ["board.Manufacturer", "BaseBoardManufacturer"],
  ["board.Product", "BaseBoardProduct"],
  ["board.Version", "BaseBoardVersion"],
] as const;

export const windowsInformation: SystemInformation = {
  os: "Windows_NT",
  architecture: process.arch === "arm64" ? "arm_64" : process.arch === "ia32" ? "x86_32" : "x86_64",
  is64Bit: process.arch !== "ia32",
  linuxDistributionType: "no_linux",
  macosVersion: null,
  get windowsVersion() {
    const { major, minor } = windowsVersion();
    return `${major}.${minor}`;
  },
  get windowsName() {
    return windowsName(windowsVersion());
  },
  get isAdministrator() {
    return isElevated();
  },
  get isUefi() {
    return valueIn("HKLM\\SYSTEM\\CurrentControlSet\\Control", "PEFirmwareType") === "2";
  },
  get isInstallationEnvironment() {
    return windowsRegistry.keyExists("HKLM\\SYSTEM\\CurrentControlSet\\Control\\MiniNT", 64);
  },
  get userName() {
    return toBytes(userInfo().username);
  },
  /** Whoever has a desktop. */
  get loggedInUser() {
    const shell = listProcesses().find(({ command, user }) => command.toLowerCase() === "explorer.exe" && user !== "");
    return shell === undefined ? "" : shell.user.slice(shell.user.indexOf("\\") + 1);
  },
  linuxVersionMap: () => [],
  windowsVersionMap: () => {
    const version = windowsVersion();
    return [
      `major_version=${version.major}`,
      `minor_version=${version.minor}`,
      `build_number=${version.build}`,
      `platform_id=${version.platform}`,
      `csd_version=${version.servicePack}`,
      `service_pack_major=${version.servicePackMajor}`,
      `service_pack_minor=${version.servicePackMinor}`,
      `suite_mask=${version.suites}`,
      `product_type_nr=${version.productType}`,
      "2003r2=false",
      `ReleaseID=${valueIn(currentVersion, "DisplayVersion") || valueIn(currentVersion, "ReleaseId")}`,
      `prodInfoNumber=${version.edition}`,
      `prodInfoText=${valueIn(currentVersion, "EditionID")}`,
    ];
  },
  localeMap: windowsLocale,
  biosMap: () => bios.map(([name, value]) => `${name}=${valueIn(biosKey, value)}`),
  freeSpace: (directory) => {
    try {
      const { bavail, bsize } = statfsSync(toText(/^[a-z]:$/i.test(directory) ? `${directory}\\` : directory), {
        bigint: true,
      });
      return bavail * bsize;
    } catch {
      return null; // no such drive, or nothing in it
    }
  },
};
