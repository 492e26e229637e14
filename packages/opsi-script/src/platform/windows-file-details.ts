import { statfsSync } from "node:fs";
import { decode } from "koffi";
import { toText } from "../text/bytes.ts";
import type { FileDetails } from "./file-details.ts";
import { fromWide, wide, windowsFunction } from "./windows-library.ts";

type Pointer = bigint;

const informationSize = windowsFunction<(file: Buffer, unused: [number]) => number>(
  "version",
  "uint32 GetFileVersionInfoSizeW(void *file, _Out_ uint32 *unused)",
);
const information = windowsFunction<(file: Buffer, unused: number, size: number, data: Buffer) => number>(
  "version",
  "int GetFileVersionInfoW(void *file, uint32 unused, uint32 size, void *data)",
);
const query = windowsFunction<(data: Buffer, path: Buffer, value: [Pointer], size: [number]) => number>(
  "version",
  "int VerQueryValueW(void *data, void *path, _Out_ void **value, _Out_ uint32 *size)",
);
const languageName = windowsFunction<(language: number, text: Buffer, size: number) => number>(
  "kernel32",
  "uint32 VerLanguageNameW(uint32 language, void *text, uint32 size)",
);
const shortPath = windowsFunction<(path: Buffer, short: Buffer, size: number) => number>(
  "kernel32",
  "uint32 GetShortPathNameW(void *path, void *short, uint32 size)",
);

const texts = [
  "Comments",
  "CompanyName",
  "FileDescription",
  "FileVersion",
  "InternalName",
  "LegalCopyright",
  "LegalTrademarks",
  "OriginalFilename",
  "PrivateBuild",
  "ProductName",
  "ProductVersion",
  "SpecialBuild",
];

/** A part of the version resource; it lies inside `data`, Windows gives its address. */
function part(data: Buffer, path: string, unit: number): Buffer | null {
  const value: [Pointer] = [0n];
  const size: [number] = [0];
  if (query(data, wide(path), value, size) === 0 || size[0] === 0) return null;
  return Buffer.from(decode(value[0], "uint8", size[0] * unit) as ArrayLike<number>);
}

const hex = (number: number) => number.toString(16).padStart(4, "0");

function informationOf(file: string): string[] | null {
  const size = informationSize(wide(file), [0]);
  if (size === 0) return null;
  const data = Buffer.alloc(size);
  if (information(wide(file), 0, size, data) === 0) return null;
  const lines: string[] = [];
  const languages = part(data, "\\VarFileInfo\\Translation", 1) ?? Buffer.alloc(0);
  for (let offset = 0; offset + 4 <= languages.length; offset += 4) {
    const language = languages.readUInt16LE(offset);
    const name = Buffer.alloc(512);
    languageName(language, name, 256);
    lines.push(`Language name ${offset / 4}=${fromWide(name)}`, `Language ID ${offset / 4}=${language}`);
  }
  const fixed = part(data, "\\", 1); // VS_FIXEDFILEINFO: versions as four numbers of 16 bits at 8 and 16
  if (fixed !== null && fixed.length >= 24) {
    const numbers = (offset: number) =>
      [offset + 2, offset, offset + 6, offset + 4].map((at) => fixed.readUInt16LE(at)).join(".");
    const whole = (BigInt(fixed.readUInt32LE(8)) << 32n) | BigInt(fixed.readUInt32LE(12));
    lines.push(`file version=${whole}`, `file version with dots=${numbers(8)}`, `product version=${numbers(16)}`);
  }
  const table = languages.length >= 4 ? hex(languages.readUInt16LE(0)) + hex(languages.readUInt16LE(2)) : "040904b0";
  for (const text of texts) {
    const value = part(data, `\\StringFileInfo\\${table}\\${text}`, 2);
    lines.push(`${text}=${value === null ? "" : fromWide(value)}`);
  }
  return lines;
}

export const windowsFileDetails: FileDetails = {
  informationOf,
  shortPathOf: (path) => {
    const short = Buffer.alloc(65_536);
    return shortPath(wide(path), short, short.length / 2) === 0 ? "" : fromWide(short);
  },
  isDriveReady: (drive) => {
    try {
      statfsSync(`${toText(drive).slice(0, 1)}:\\`);
      return true;
    } catch {
      return false; // no such drive, or nothing in it
    }
  },
};
