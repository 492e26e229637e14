import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { toText } from "../text/bytes.ts";
import { decode, isKnownEncoding } from "../text/encodings.ts";
import { readStart } from "./file-content.ts";

/** The archive is broken, uses something we do not know, or wants to write outside of its folder. */
export class ZipProblem extends Error {
  override readonly name = "ZipProblem";
}

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const utf8Flag = 0x0800;
/** An archive that unpacks to more than this is refused. */
const largest = 8 * 1024 ** 3;

interface Entry {
  readonly name: string;
  readonly data: Buffer;
  readonly modified: Date;
  readonly mode: number;
}

/** MS-DOS time and date: seconds halved | minutes << 5 | hours << 11, day | month << 5 | years since 1980 << 9. */
function dosTime(date: Date): { time: number; day: number } {
  return {
    time: (date.getSeconds() >> 1) | (date.getMinutes() << 5) | (date.getHours() << 11),
    day: date.getDate() | ((date.getMonth() + 1) << 5) | (Math.max(0, date.getFullYear() - 1980) << 9),
  };
}

const fromDosTime = (time: number, day: number) =>
  new Date((day >> 9) + 1980, ((day >> 5) & 15) - 1, day & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2);

function entriesOf(folder: string, root: string, found: Entry[], seen: ReadonlySet<string>): void {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const link = lstatSync(path).isSymbolicLink();
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    if (stat.isDirectory()) {
      const real = realpathSync(path);
      if (seen.has(real)) continue; // a link to a folder above
      const entry = `${relative(root, path).split(sep).join("/")}/`;
      found.push({ name: entry, data: Buffer.alloc(0), modified: stat.mtime, mode: stat.mode });
      entriesOf(path, root, found, new Set([...seen, real]));
    } else if (!link && stat.isFile()) {
      const entry = relative(root, path).split(sep).join("/");
      found.push({ name: entry, data: readFileSync(path), modified: stat.mtime, mode: stat.mode });
    }
  }
}

/** Packs a file, or the content of a folder; links to folders with their content, links to files not (sections §1). */
export function writeZip(source: string, target: string): void {
  const stat = statSync(source);
  const entries: Entry[] = [];
  if (stat.isDirectory()) entriesOf(source, source, entries, new Set([realpathSync(source)]));
  else
    entries.push({
      name: basename(source),
      data: readFileSync(source),
      modified: stat.mtime,
      mode: stat.mode,
    });
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name, "utf8");
    const deflated = deflateRawSync(entry.data);
    const method = deflated.length < entry.data.length ? 8 : 0;
    const content = method === 8 ? deflated : entry.data;
    const { time, day } = dosTime(entry.modified);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(utf8Flag, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(time, 6);
    common.writeUInt16LE(day, 8);
    common.writeUInt32LE(crc32(entry.data), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(entry.data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const signature = Buffer.alloc(4);
    signature.writeUInt32LE(localSignature);
    parts.push(signature, common, name, content);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(centralSignature, 0);
    central.writeUInt16LE((3 << 8) | 20, 4);
    common.copy(central, 6);
    central.writeUInt32LE((entry.mode & 0xffff) * 0x10000 + (entry.name.endsWith("/") ? 0x10 : 0), 38);
    central.writeUInt32LE(offset, 42);
    directory.push(central, name);
    offset += 30 + name.length + content.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  writeFileSync(target, Buffer.concat([...parts, list, end]));
}

/** Whether a file is an archive, by its content. */
export function isZip(path: string): boolean {
  try {
    const data = readStart(path, 22);
    return data.length === 22 && [localSignature, endSignature].includes(data.readUInt32LE(0));
  } catch {
    return false;
  }
}

/**
 * Unpacks into a folder.
 *
 * @param encoding of the names; without it the flag in the archive decides between UTF-8 and code page 437
 * @throws ZipProblem
 */
export function unpackZip(source: string, folder: string, encoding?: string): void {
  const data = readFileSync(source);
  const root = resolve(folder);
  let total = 0;
  for (const { name, size, modified, mode, read } of readDirectory(data, encoding)) {
    const path = resolve(root, name);
    if (path !== root && !path.startsWith(root.endsWith(sep) ? root : root + sep))
      throw new ZipProblem(`${name} leads out of the folder`);
    if (name.endsWith("/")) {
      mkdirSync(path, { recursive: true });
      continue;
    }
    total += size;
    if (total > largest) throw new ZipProblem("the archive is too large");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, read(), mode === 0 ? {} : { mode });
    utimesSync(path, modified, modified);
  }
}

interface Packed {
  readonly name: string;
  readonly size: number;
  readonly modified: Date;
  readonly mode: number;
  read(): Buffer;
}

function* readDirectory(data: Buffer, encoding: string | undefined): Generator<Packed> {
  let end = data.length - 22;
  while (end >= 0 && data.readUInt32LE(end) !== endSignature) end--;
  if (end < 0) throw new ZipProblem("no zip archive");
  const count = data.readUInt16LE(end + 10);
  let offset = data.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    if (offset + 46 > data.length || data.readUInt32LE(offset) !== centralSignature)
      throw new ZipProblem("broken directory");
    const flags = data.readUInt16LE(offset + 8);
    const method = data.readUInt16LE(offset + 10);
    const checksum = data.readUInt32LE(offset + 16);
    const packedSize = data.readUInt32LE(offset + 20);
    const size = data.readUInt32LE(offset + 24);
    const nameLength = data.readUInt16LE(offset + 28);
    const rest = data.readUInt16LE(offset + 30) + data.readUInt16LE(offset + 32);
    const start = data.readUInt32LE(offset + 42);
    const nameBytes = data.subarray(offset + 46, offset + 46 + nameLength);
    const names = encoding !== undefined && isKnownEncoding(encoding) ? encoding : flags & utf8Flag ? "utf8" : "cp437";
    yield {
      name: toText(decode(nameBytes, names)).replaceAll("\\", "/"),
      size,
      modified: fromDosTime(data.readUInt16LE(offset + 12), data.readUInt16LE(offset + 14)),
      mode: data[offset + 5] === 3 ? (data.readUInt32LE(offset + 38) >>> 16) & 0o777 : 0,
      read: () => {
        const content = unpack(data, start, method, packedSize, size);
        if (content.length !== size) throw new ZipProblem("broken entry: wrong size");
        if (crc32(content) !== checksum) throw new ZipProblem("broken entry: wrong checksum");
        return content;
      },
    };
    offset += 46 + nameLength + rest;
  }
}

function unpack(data: Buffer, start: number, method: number, packedSize: number, size: number): Buffer {
  if (start + 30 > data.length || data.readUInt32LE(start) !== localSignature) throw new ZipProblem("broken entry");
  const begin = start + 30 + data.readUInt16LE(start + 26) + data.readUInt16LE(start + 28);
  const packed = data.subarray(begin, begin + packedSize);
  if (method === 0) return packed;
  if (method !== 8) throw new ZipProblem(`unknown compression ${method}`);
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    throw new ZipProblem(`broken entry: ${(error as Error).message}`);
  }
}
