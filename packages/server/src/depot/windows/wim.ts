import { open } from "node:fs/promises";
import { OpsiError } from "@opsi-ts/model";

/** What an installed Windows in an image is. */
export interface WindowsInfo {
  readonly architecture: string;
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly languages: readonly string[];
  readonly defaultLanguage: string | null;
}

/** An image in a WIM file (`.wim`, `.esd`, first part of `.swm`). */
export interface WimImage {
  readonly name: string;
  readonly windows: WindowsInfo | null;
}

/*
 * Header of a WIM file, little-endian; the description of the images is XML in UTF-16, not compressed:
 *
 *   00 "MSWIM" 0 0 0 | 08 header size (4) | ... | 2C number of images (4) | 30 blob table (24) | 48 XML (24)
 *   resource: size in file (7), flags (1), offset (8), original size (8)
 */
const magic = "MSWIM\0\0\0";
const xmlResource = 0x48;
const headerLength = 0x60;
const compressed = 0x04;
/** Bytes; real descriptions have a few kilobytes. */
const largestDescription = 16_000_000;

const architectures: Readonly<Record<string, string>> = { 0: "x86", 5: "arm", 9: "x64", 12: "arm64" };

/**
 * The images of a WIM file.
 *
 * @throws ValueError for what is no WIM file; system errors of `open`
 */
export async function readWim(path: string): Promise<WimImage[]> {
  await using file = await open(path, "r");
  const header = Buffer.alloc(headerLength);
  const { bytesRead } = await file.read(header, 0, headerLength, 0);
  if (bytesRead < headerLength || header.toString("latin1", 0, 8) !== magic) throw bad(path, "no such header");
  const size = header.readUIntLE(xmlResource, 6) + header.readUInt8(xmlResource + 6) * 2 ** 48;
  const offset = Number(header.readBigUInt64LE(xmlResource + 8));
  if ((header.readUInt8(xmlResource + 7) & compressed) !== 0) throw bad(path, "its description is compressed");
  if (size === 0 || size > largestDescription) throw bad(path, `its description has ${size} bytes`);
  const xml = Buffer.alloc(size);
  const isInside = offset + size <= Number.MAX_SAFE_INTEGER;
  if (!isInside || (await file.read(xml, 0, size, offset)).bytesRead < size) throw bad(path, "it is cut off");
  return describedImages(xml.toString("utf16le"));
}

const bad = (path: string, reason: string) => new OpsiError("ValueError", `'${path}' is no WIM file: ${reason}`);

/** The images in the description of a WIM file. */
function describedImages(xml: string): WimImage[] {
  return elements(xml, "IMAGE").map((image) => {
    const windows = elements(image, "WINDOWS")[0];
    // The name of the image stands outside of what is said of Windows.
    return { name: text(image, "NAME") ?? "", windows: windows === undefined ? null : windowsInfo(windows) };
  });
}

function windowsInfo(xml: string): WindowsInfo {
  const number = (name: string) => Number.parseInt(text(xml, name) ?? "0", 10) || 0;
  const languages = elements(xml, "LANGUAGES")[0] ?? "";
  return {
    architecture: architectures[text(xml, "ARCH") ?? ""] ?? "unknown",
    ...{ major: number("MAJOR"), minor: number("MINOR"), build: number("BUILD") },
    languages: elements(languages, "LANGUAGE").map(unescaped),
    defaultLanguage: text(languages, "DEFAULT"),
  };
}

function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
    ([, content = ""]) => content,
  );
}

function text(xml: string, name: string): string | null {
  const content = elements(xml, name)[0];
  return content === undefined ? null : unescaped(content);
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(content: string): string {
  return content
    .replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
      const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : Number.NaN;
      if (code >= 0 && code <= 0x10ffff) return String.fromCodePoint(code);
      return entities[String(name).toLowerCase()] ?? whole;
    })
    .trim();
}
