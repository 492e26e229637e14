/** What `GetOS`, the version maps and similar functions tell. Byte strings. */
export interface SystemInformation {
  readonly os: "Linux" | "Windows_NT" | "macOS";
  readonly architecture: "x86_32" | "x86_64" | "arm_64";
  readonly is64Bit: boolean;
  readonly linuxDistributionType: string;
  readonly macosVersion: string | null;
  readonly windowsVersion: string | null;
  readonly isAdministrator: boolean;
  readonly isUefi: boolean;
  readonly userName: string;
  readonly loggedInUser: string;
  linuxVersionMap(): string[];
  biosMap(): string[];
  /** Bytes free at a directory; `null` when it does not exist. */
  freeSpace(directory: string): bigint | null;
}
