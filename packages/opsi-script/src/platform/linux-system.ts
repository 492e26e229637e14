import { existsSync, readFileSync, statfsSync } from "node:fs";
import { userInfo } from "node:os";
import { toBytes, toText } from "../text/bytes.ts";
import { outputOf } from "./program-output.ts";
import type { SystemInformation } from "./system-information.ts";

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return ""; // not every kernel and every user may read it
  }
}

function osRelease(): Map<string, string> {
  const lines = readOrEmpty("/etc/os-release").split("\n");
  return new Map(
    lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1).replace(/^"(.*)"$/, "$1")];
    }),
  );
}

function distributionType(): string {
  const release = osRelease();
  const like = `${release.get("ID") ?? ""} ${release.get("ID_LIKE") ?? ""}`;
  if (existsSync("/etc/debian_version") || /debian|ubuntu/.test(like)) return "debian";
  if (existsSync("/etc/redhat-release") || /rhel|fedora|centos/.test(like)) return "redhat";
  if (existsSync("/etc/SuSE-release") || /suse/.test(like)) return "suse";
  return "unknown_linux";
}

const unameParts = [
  ["kernel name", "-s"],
  ["node name", "-n"],
  ["kernel release", "-r"],
  ["kernel version", "-v"],
  ["machine", "-m"],
  ["processor", "-p"],
  ["hardware platform", "-i"],
  ["operating system", "-o"],
] as const;

/** SMBIOS values below /sys by the names of `getHWBiosInfoMap` (functions §7.3). */
const smbios = [
  ["bios.Vendor", "bios_vendor"],
  ["bios.Version", "bios_version"],
  ["bios.Start Segment", ""],
  ["bios.ReleaseDate", "bios_date"],
  ["bios.RomSize", ""],
  ["sysinfo.Manufacturer", "sys_vendor"],
  ["sysinfo.Product Name", "product_name"],
  ["sysinfo.Version", "product_version"],
  ["sysinfo.Serial Number", "product_serial"],
  ["sysinfo.UUID", "product_uuid"],
  ["sysinfo.SKU Number", "product_sku"],
  ["sysinfo.Family", "product_family"],
  ["board.Manufacturer", "board_vendor"],
  ["board.Product", "board_name"],
  ["board.Version", "board_version"],
  ["board.Serial Number", "board_serial"],
  ["board.Asset Tag", "board_asset_tag"],
  ["enclosure.Manufacturer", "chassis_vendor"],
  ["enclosure.Version", "chassis_version"],
  ["enclosure.Serial Number", "chassis_serial"],
  ["enclosure.Asset Tag Number", "chassis_asset_tag"],
  ["enclosure.Type", "chassis_type"],
] as const;

export const linuxInformation: SystemInformation = {
  os: "Linux",
  architecture: process.arch === "arm64" ? "arm_64" : process.arch === "ia32" ? "x86_32" : "x86_64",
  is64Bit: process.arch !== "ia32",
  get linuxDistributionType() {
    return distributionType();
  },
  macosVersion: null,
  windowsVersion: null,
  windowsName: null,
  get isAdministrator() {
    return process.getuid?.() === 0;
  },
  get isUefi() {
    return existsSync("/sys/firmware/efi");
  },
  isInstallationEnvironment: false,
  get userName() {
    return toBytes(userInfo().username);
  },
  get loggedInUser() {
    return toBytes(outputOf("who").split(/\s/, 1)[0] ?? "");
  },
  linuxVersionMap: () => {
    const release = osRelease();
    const id = release.get("ID") ?? "";
    const names = [
      `Distributor ID=${id.charAt(0).toUpperCase()}${id.slice(1)}`,
      `Description=${release.get("PRETTY_NAME") ?? ""}`,
      `Release=${release.get("VERSION_ID") ?? ""}`,
      `Codename=${release.get("VERSION_CODENAME") ?? ""}`,
      `SubRelease=${release.get("VERSION_ID")?.split(".")[1] ?? ""}`,
    ];
    return [...names, ...unameParts.map(([name, option]) => `${name}=${outputOf("uname", option)}`)].map(toBytes);
  },
  windowsVersionMap: () => [],
  localeMap: () => [],
  biosMap: () =>
    smbios.map(([name, file]) => toBytes(`${name}=${file === "" ? "" : readOrEmpty(`/sys/class/dmi/id/${file}`)}`)),
  freeSpace: (directory) => {
    try {
      const { bavail, bsize } = statfsSync(toText(directory), { bigint: true });
      return bavail * bsize;
    } catch {
      return null;
    }
  },
};
