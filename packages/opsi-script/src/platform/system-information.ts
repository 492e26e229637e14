/** What `GetOS`, the version maps and similar functions tell. Byte strings. */
export interface SystemInformation {
  readonly os: "Linux" | "Windows_NT" | "macOS";
  readonly architecture: "x86_32" | "x86_64" | "arm_64";
  readonly is64Bit: boolean;
  readonly linuxDistributionType: string;
  readonly macosVersion: string | null;
  readonly windowsVersion: string | null;
  /** The name under which the version is sold. */
  readonly windowsName: string | null;
  readonly isAdministrator: boolean;
  readonly isUefi: boolean;
  /** Windows from a boot medium, which installs another one. */
  readonly isInstallationEnvironment: boolean;
  readonly userName: string;
  readonly loggedInUser: string;
  linuxVersionMap(): string[];
  windowsVersionMap(): string[];
  localeMap(): string[];
  biosMap(): string[];
  /** Bytes free at a directory; `null` when it does not exist. */
  freeSpace(directory: string): bigint | null;
}
