import { fromWide, windowsFunction } from "./windows-library.ts";

const getVersion = windowsFunction<(information: Buffer) => number>("ntdll", "int RtlGetVersion(void *information)");
const getEdition = windowsFunction<
  (major: number, minor: number, servicePackMajor: number, servicePackMinor: number, edition: [number]) => number
>(
  "kernel32",
  "int GetProductInfo(uint32 major, uint32 minor, uint32 servicePackMajor, uint32 servicePackMinor, _Out_ uint32 *edition)",
);

export interface WindowsVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly platform: number;
  readonly servicePack: string;
  readonly servicePackMajor: number;
  readonly servicePackMinor: number;
  readonly suites: number;
  /** 1 workstation, 2 domain controller, 3 server. */
  readonly productType: number;
  readonly edition: number;
}

/** The true version: other calls tell what the program was made for. */
export function windowsVersion(): WindowsVersion {
  const data = Buffer.alloc(284); // OSVERSIONINFOEXW
  data.writeUInt32LE(data.length);
  getVersion(data);
  const major = data.readUInt32LE(4);
  const minor = data.readUInt32LE(8);
  const servicePackMajor = data.readUInt16LE(276);
  const servicePackMinor = data.readUInt16LE(278);
  const edition: [number] = [0];
  getEdition(major, minor, servicePackMajor, servicePackMinor, edition);
  return {
    major,
    minor,
    build: data.readUInt32LE(12),
    platform: data.readUInt32LE(16),
    servicePack: fromWide(data.subarray(20, 276)),
    servicePackMajor,
    servicePackMinor,
    suites: data.readUInt16LE(280),
    productType: data.readUInt8(282),
    edition: edition[0],
  };
}
