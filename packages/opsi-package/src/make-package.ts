import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Transform } from "node:stream";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import { OpsiError } from "@opsi-ts/model";
import { encodeBzip2 } from "./archive/bzip2-encode.ts";
import { ChunkPool } from "./archive/chunk-pool.ts";
import { packTar } from "./archive/pack-tar.ts";
import { tarEnd, tarHeader, tarPadding } from "./archive/tar-writer.ts";
import { transformChunks } from "./archive/transform-chunks.ts";
import { companionNames } from "./companion-files.ts";
import { findControlIn, readFoundControl } from "./control/control-files.ts";
import type { PackageControl } from "./control/package-control.ts";
import { writeSecondaryControl } from "./control/write-control.ts";
import { EarlyFlush } from "./early-flush.ts";
import { packageFileName } from "./file-name.ts";
import { sourceMembers } from "./source-tree.ts";
import { writeAt, writeWhole } from "./write-whole.ts";

export interface MakeOptions {
  /** Folder for the package; the current one by default. */
  readonly destination?: string | undefined;
  readonly compression?: "zstd" | "gz" | "bz2" | undefined;
  /** Add `OPSI.<name>` and so on, and put the name into that of the package. */
  readonly customName?: string | undefined;
  /** Only the custom directories; the base `OPSI` is taken when there is no custom one. */
  readonly customOnly?: boolean | undefined;
  readonly followSymlinks?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: MakeProgress) => void) | undefined;
}

export interface MakeProgress {
  /** `CLIENT_DATA.site` */
  readonly directory: string;
  /** The file that is being packed. */
  readonly name: string;
  /** Bytes of files that were packed before it. */
  readonly packed: number;
}

export interface MadePackage {
  readonly path: string;
  readonly control: PackageControl;
}

/**
 * Makes a package of a source folder with `OPSI`, `CLIENT_DATA`, `SERVER_DATA` (packages 2.2). The control file in the
 * other form is brought up to date in the source folder. The package appears under its name when it is complete; the companion
 * files of one that was there before are gone then.
 *
 *     const { path } = await makePackage("workbench/7zip", { destination: "repository" });
 */
export async function makePackage(source: string, options: MakeOptions = {}): Promise<MadePackage> {
  const folder = resolve(source);
  const names = await directoriesToPack(folder, options);
  const opsi = names.filter((name) => name.split(".")[0] === "OPSI");
  const found = await findControlIn(opsi.map((name) => join(folder, name)));
  const control = await readFoundControl(found);
  const path = join(resolve(options.destination ?? "."), packageFileName(control.product, options.customName));
  if (existsSync(path) && !options.overwrite) throw new OpsiError("FileExistsError", `'${path}' already exists`);
  await writeSecondaryControl(found, control);
  const unfinished = join(path, "..", `.opsi-package-${randomUUID()}`); // hidden from those who list the repository
  const write = async (file: FileHandle) => {
    await writeOuter(file, folder, names, options);
    // Whoever is interrupted before new ones are written leaves none rather than those of another package
    for (const companion of companionNames(path)) await rm(companion, { force: true });
  };
  await writeWhole(path, write, { unfinished, mode: 0o644 });
  return { path, control };
}

const types = ["OPSI", "CLIENT_DATA", "SERVER_DATA"] as const;

/** In the order of the archives in the package (packages 1.2). */
async function directoriesToPack(folder: string, { customName, customOnly }: MakeOptions): Promise<string[]> {
  if (customOnly && !customName) throw new OpsiError("ValueError", "custom_only requires custom_name to be set.");
  const entries = await readdir(folder, { withFileTypes: true });
  const available = entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
  const byType = new Map<string, string[]>();
  const add = (type: string, name: string) => {
    if (available.includes(name)) byType.set(type, [...(byType.get(type) ?? []), name]);
  };
  if (customName) for (const type of types) add(type, `${type}.${customName}`);
  if (customName && byType.size === 0) {
    throw new OpsiError("ValueError", `No directories matching custom name '${customName}' found in '${folder}'`);
  }
  if (!customOnly) for (const type of types) add(type, type);
  else if (!byType.has("OPSI")) add("OPSI", "OPSI");
  if (!byType.has("OPSI")) {
    const list = available.map((name) => `'${name}'`).sort();
    throw new OpsiError(
      "FileNotFoundError",
      `OPSI directory not found in '${folder}', available directories: [${list.join(", ")}]`,
    );
  }
  return [...byType.values()].flat();
}

/** The size of a compressed archive is not known before; its header is written when it is. */
async function writeOuter(
  file: FileHandle,
  folder: string,
  names: readonly string[],
  options: MakeOptions,
): Promise<void> {
  const { compression = "zstd", followSymlinks = false, signal, onProgress } = options;
  let position = 0;
  const flush = new EarlyFlush(file);
  const append = async (data: Uint8Array) => {
    position = await writeAt(file, data, position);
    flush.written(data.length);
  };
  // Never a whole second: so every header has an extended one, in which the size of a large archive finds room later
  const now = Math.floor(Date.now() / 1000) + 0.5;
  let packed = 0;
  const pool = new ChunkPool(1 << 20);
  for (const directory of names) {
    const header = (size: number) =>
      tarHeader({
        name: `${directory}.tar.${compression}`,
        ...{ type: "file", mode: 0o644, size, modified: now, target: "" },
      });
    const headerStart = position;
    await append(header(0));
    const start = position;
    const members = sourceMembers(join(folder, directory), followSymlinks);
    const archive = packTar(members, pool, signal, ({ name, size }) => {
      onProgress?.({ directory, name, packed });
      packed += size;
    });
    await compress(archive, pool, compression, append, signal);
    const size = position - start;
    await append(tarPadding(size));
    await writeAt(file, header(size), headerStart);
  }
  await append(tarEnd(position));
  await flush.end();
}

async function compress(
  archive: AsyncIterable<Uint8Array>,
  pool: ChunkPool,
  compression: "zstd" | "gz" | "bz2",
  append: (data: Uint8Array) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const compressed =
    compression === "bz2"
      ? encodeBzip2(archive)
      : transformChunks(archive, createCompressor(compression), signal, pool);
  for await (const chunk of compressed) await append(chunk);
}

/** Each chunk is a change of threads: with 256 kB, packing takes a quarter longer. */
const streamOptions = { chunkSize: 1 << 20, readableHighWaterMark: 1 << 23 };

function createCompressor(compression: "zstd" | "gz"): Transform {
  if (compression === "gz") return createGzip(streamOptions);
  // Not with ZSTD_c_nbWorkers: Node takes input that is not consumed at once for the end of the data, and cuts it off
  return createZstdCompress({ ...streamOptions, params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}
