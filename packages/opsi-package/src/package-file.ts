import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSource, StreamSource } from "./archive/byte-source.ts";
import { type Compression, detectCompression, type Range, readDecompressed } from "./archive/compression.ts";
import { CpioReader } from "./archive/cpio-reader.ts";
import type { ArchiveReader, Member } from "./archive/member.ts";
import { cpioMemberName, memberPath } from "./archive/member-name.ts";
import { TarReader } from "./archive/tar-reader.ts";
import { damaged, hostile, unsupported } from "./package-error.ts";

/** One member of the package: the archive of a top directory. */
export interface InnerArchive extends Range {
  /** As it stands in the package, for example `CLIENT_DATA.site.tar.zstd`. */
  readonly name: string;
  /** `CLIENT_DATA.site` */
  readonly topName: string;
  readonly compression: Compression;
}

export interface OpenPackageOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where a package that is compressed as a whole is unpacked to; the system's folder by default. */
  readonly tempDirectory?: string | undefined;
}

/** What is not one of the known formats. The words are those of the original, administrators search for them. */
const unknownType = (name: string) => unsupported(`'${name}': only gz, bzip2, zstd, cpio and tar files are accepted`);

/**
 * An open `.opsi` file: which archives it holds, and their members (packages 1.2, 1.3).
 *
 *     await using file = await PackageFile.open("7zip_24.09-1.opsi");
 *     for (const { name, size } of file.archives) console.log(name, size);
 */
export class PackageFile implements AsyncDisposable {
  readonly archives: readonly InnerArchive[];
  readonly outerFormat: "tar" | "cpio";
  readonly #file: FileHandle;

  private constructor(file: FileHandle, outerFormat: "tar" | "cpio", archives: readonly InnerArchive[]) {
    this.#file = file;
    this.outerFormat = outerFormat;
    this.archives = archives;
  }

  static async open(path: string, options: OpenPackageOptions = {}): Promise<PackageFile> {
    await using opening = new AsyncDisposableStack();
    let file = opening.adopt(await open(path, "r"), (handle) => handle.close());
    let { size } = await file.stat();
    if (size === 0) throw damaged(`'${path}' is empty`);
    const compression = detectCompression(await readStart(file, 0, size));
    if (compression === "zstd") throw unsupported("A package that is compressed with zstd as a whole cannot be read");
    if (compression !== "none") {
      const whole = { start: 0, size };
      file = opening.adopt(await spool(file, whole, compression, options), (handle) => handle.close());
      size = (await file.stat()).size;
    }
    const { format, archives } = await listArchives(file, size, path);
    const opened = opening.move();
    const result = new PackageFile(file, format, archives);
    result.#close = () => opened.disposeAsync();
    return result;
  }

  #close: () => Promise<void> = async () => {};

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  /**
   * Calls `visit` for every member of an archive, then makes sure that the archive is complete.
   * cpio names are made relative, tar names are as they are.
   */
  async eachMember(
    archive: InnerArchive,
    visit: (member: Member, reader: ArchiveReader) => Promise<void>,
    options: { signal?: AbortSignal | undefined; onBytes?: (size: number) => void } = {},
  ): Promise<void> {
    const { signal, onBytes } = options;
    const source = new StreamSource(readDecompressed(this.#file, archive, archive.compression, signal, onBytes));
    try {
      const { reader, format } = await openReader(source, archive.name);
      for (let member = await reader.next(); member !== null; member = await reader.next()) {
        if (format === "cpio") {
          const name = cpioMemberName(member.name);
          // `find | cpio` begins with the directory itself
          if (name === "." || (name === "" && member.type === "directory")) continue;
          member = { ...member, name };
        }
        await visit(member, reader);
      }
      await source.drain();
    } finally {
      await source.close();
    }
  }
}

/** Looks at the first bytes: `07070` is cpio, `ustar` at 257 tar, as is a block of zeros. */
async function openReader(
  source: StreamSource,
  name: string,
): Promise<{ reader: ArchiveReader; format: "tar" | "cpio" }> {
  const start = await source.peek(262);
  if (start.length === 0) throw damaged(`'${name}' is empty or truncated`);
  const format = archiveFormat(start);
  if (format === null) throw unknownType(name);
  return { reader: format === "cpio" ? new CpioReader(source) : new TarReader(source), format };
}

function archiveFormat(start: Buffer): "tar" | "cpio" | null {
  if (start.toString("latin1", 0, 5) === "07070") return "cpio";
  const isEmpty = start.length >= 262 && start.every((byte) => byte === 0);
  return isEmpty || start.toString("latin1", 257, 262) === "ustar" ? "tar" : null;
}

async function listArchives(
  file: FileHandle,
  size: number,
  path: string,
): Promise<{ format: "tar" | "cpio"; archives: InnerArchive[] }> {
  const format = archiveFormat(await readStart(file, 0, size));
  if (format === null) throw unknownType(path);
  const source = new FileSource(file, size);
  const reader = format === "cpio" ? new CpioReader(source) : new TarReader(source);
  const archives = new Map<string, InnerArchive>();
  for (let member = await reader.next(); member !== null; member = await reader.next()) {
    const parts = memberPath(member.name);
    if (member.type === "directory" && parts.length === 0) continue;
    if (member.type === "directory") throw unsupported(`The package holds a directory: '${member.name}'`);
    if (member.type !== "file") throw hostile(`The package holds a ${member.type}: '${member.name}'`);
    const [name, ...below] = parts;
    if (name === undefined || below.length > 0) throw unsupported(`Bad name in the package: '${member.name}'`);
    const range = { start: source.position, size: member.size };
    const isZstd = name.endsWith(".zstd");
    const detected = detectCompression(await readStart(file, range.start, range.size));
    archives.set(name, {
      ...range,
      name: member.name,
      topName: topName(name),
      compression: isZstd ? "zstd" : detected,
    });
  }
  return { format, archives: [...archives.values()] };
}

/** The name without the endings of format and compression. */
function topName(name: string): string {
  return name.replace(/\.(zstd|gz|gzip|bz2|bzip2)$/, "").replace(/\.(tar|cpio)$/, "");
}

async function readStart(file: FileHandle, start: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(512);
  await file.read(buffer, 0, Math.min(512, size), start);
  return buffer;
}

/** Unpacks into a file that has no name any more, so that nothing stays behind whatever happens. */
async function spool(
  file: FileHandle,
  range: Range,
  compression: Compression,
  { signal, tempDirectory = tmpdir() }: OpenPackageOptions,
): Promise<FileHandle> {
  const path = join(tempDirectory, `.opsi-package-${randomUUID()}`);
  const target = await open(path, "wx+", 0o600);
  try {
    await rm(path);
    for await (const chunk of readDecompressed(file, range, compression, signal)) await target.writeFile(chunk);
    return target;
  } catch (error) {
    await target.close();
    throw error;
  }
}
