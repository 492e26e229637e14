import { damaged, hostile, unsupported } from "../package-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { type ArchiveReader, decodeName, type Member, type MemberType } from "./member.ts";

const blockSize = 512;
/** Extended headers hold names and times; more than this is an attack on memory. */
const extendedHeaderLimit = 1 << 20;

const typeOfFlag: Record<string, MemberType> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "directory",
  "6": "pipe",
};

interface Overrides {
  path?: string;
  linkpath?: string;
  size?: number;
  mtime?: number;
}

/**
 * Reads tar archives in the forms that packages have: ustar, pax and GNU (packages 1.2, 1.3).
 *
 * Unlike the original's reader, a wrong checksum is an error and not a silent end of the archive. A missing end mark is
 * accepted, as there are writers that leave it out.
 */
export class TarReader implements ArchiveReader {
  readonly #source: ByteSource;
  #global: Overrides = {};
  #remaining = 0;
  #padding = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async next(): Promise<Member | null> {
    let overrides: Overrides = {};
    for (;;) {
      await this.#source.skip(this.#remaining + this.#padding);
      this.#remaining = this.#padding = 0;
      const header = await this.#source.read(blockSize);
      if (header === null || isZero(header)) return null;
      checkHeader(header);
      const flag = String.fromCharCode(header[156] ?? 0);
      const size = readNumber(header, 124, 12);
      if (flag === "x" || flag === "X" || flag === "g" || flag === "L" || flag === "K") {
        const data = await this.#readExtended(size);
        if (flag === "L") overrides.path = decodeName(untilNul(data));
        else if (flag === "K") overrides.linkpath = decodeName(untilNul(data));
        else if (flag === "g") this.#global = { ...this.#global, ...readPax(data) };
        else overrides = { ...overrides, ...readPax(data) };
        continue;
      }
      return this.#member(header, flag, size, { ...this.#global, ...overrides });
    }
  }

  async readContent(): Promise<Uint8Array | null> {
    if (this.#remaining === 0) return null;
    const part = await this.#source.readSome(this.#remaining);
    if (part === null) throw damaged("The archive ends within a file");
    this.#remaining -= part.length;
    return part;
  }

  #member(header: Buffer, flag: string, headerSize: number, overrides: Overrides): Member {
    if (flag === "S") throw unsupported("Sparse files of GNU tar are not supported; pack them without --sparse");
    const stored = overrides.path ?? headerName(header);
    const isOldDirectory = flag === "\0" && stored.endsWith("/");
    // Unknown types are files, as POSIX asks for
    const type = isOldDirectory ? "directory" : (typeOfFlag[flag] ?? "file");
    const size = type === "file" ? (overrides.size ?? headerSize) : 0;
    if (!Number.isSafeInteger(size) || size < 0) throw damaged(`Bad size of archive member '${stored}'`);
    this.#remaining = size;
    this.#padding = padding(size);
    return {
      name: type === "directory" ? withoutFinalSlashes(stored) : stored,
      type,
      mode: readNumber(header, 100, 8) & 0o7777,
      size,
      modified: overrides.mtime ?? readNumber(header, 136, 12),
      target: overrides.linkpath ?? decodeName(untilNul(header.subarray(157, 257))),
    };
  }

  async #readExtended(size: number): Promise<Buffer> {
    if (size < 0 || size > extendedHeaderLimit) throw hostile(`Extended header of ${size} bytes in the archive`);
    const data = Buffer.from((await this.#source.read(size)) ?? []);
    if (data.length < size) throw damaged("The archive ends within a header");
    await this.#source.skip(padding(size));
    return data;
  }
}

/** An expression with `$` would begin anew at every slash. */
function withoutFinalSlashes(name: string): string {
  let end = name.length;
  while (name[end - 1] === "/") end--;
  return name.slice(0, end);
}

const padding = (size: number) => (blockSize - (size % blockSize)) % blockSize;

function isZero(block: Buffer): boolean {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}

/** Both sums are in use: of unsigned bytes (POSIX) and of signed ones (old Sun tar). */
function checkHeader(header: Buffer): void {
  let unsigned = 8 * 32;
  let signed = 8 * 32;
  for (let index = 0; index < blockSize; index++) {
    if (index === 148) index = 156; // the checksum itself counts as blanks
    const byte = header[index] ?? 0;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stored = readNumber(header, 148, 8);
  if (stored !== unsigned && stored !== signed) throw damaged("The archive is damaged: wrong checksum of a tar header");
}

function headerName(header: Buffer): string {
  const name = untilNul(header.subarray(0, 100));
  const isPosix = header.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? untilNul(header.subarray(345, 500)) : Buffer.alloc(0);
  return decodeName(prefix.length > 0 ? Buffer.concat([prefix, Buffer.from("/"), name]) : name);
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** Octal text, or big-endian binary with the top bit set for large values. */
function readNumber(header: Buffer, offset: number, length: number): number {
  const first = header[offset] ?? 0;
  if (first & 0x80) {
    let value = BigInt(first & 0x7f);
    if (first & 0x40) value -= 0x80n; // negative, as times before 1970
    for (let index = 1; index < length; index++) value = (value << 8n) | BigInt(header[offset + index] ?? 0);
    return Number(value);
  }
  const text = header
    .toString("latin1", offset, offset + length)
    .replace(/\0.*$/s, "")
    .trim();
  if (text === "") return 0;
  if (!/^-?[0-7]+$/.test(text)) throw damaged(`Bad number '${text}' in a tar header`);
  return Number.parseInt(text, 8);
}

/** Records `LENGTH KEY=VALUE\n`. */
function readPax(data: Buffer): Overrides {
  const overrides: Overrides = {};
  for (let offset = 0; offset < data.length && data[offset] !== 0; ) {
    const blank = data.indexOf(0x20, offset);
    const length = blank < 0 ? Number.NaN : Number(data.toString("latin1", offset, blank));
    const end = offset + length;
    const equals = data.indexOf(0x3d, blank);
    if (!(length > 0) || end > data.length || equals < 0 || equals >= end || data[end - 1] !== 0x0a) {
      throw damaged("Bad extended header in the archive");
    }
    const key = data.toString("latin1", blank + 1, equals);
    const value = data.subarray(equals + 1, end - 1);
    if (key === "path") overrides.path = decodeName(value);
    else if (key === "linkpath") overrides.linkpath = decodeName(value);
    else if (key === "size") overrides.size = paxNumber(value);
    else if (key === "mtime") overrides.mtime = paxNumber(value);
    else if (key.startsWith("GNU.sparse.")) {
      throw unsupported("Sparse files of GNU tar are not supported; pack them without --sparse");
    }
    offset = end;
  }
  return overrides;
}

function paxNumber(value: Buffer): number {
  const number = Number(value.toString("latin1"));
  if (!Number.isFinite(number)) throw damaged("Bad number in an extended header of the archive");
  return number;
}
