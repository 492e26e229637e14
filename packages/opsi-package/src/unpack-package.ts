import { chmod } from "node:fs/promises";
import { SafeTree, type SafeTreeOptions } from "./archive/safe-tree.ts";
import { readControlOfFolder } from "./control/control-files.ts";
import type { PackageControl } from "./control/package-control.ts";
import type { KnownHashes } from "./known-hashes.ts";
import { unsupported } from "./package-error.ts";
import { type InnerArchive, type OpenPackageOptions, PackageFile } from "./package-file.ts";
import { baseFirst, refuseUnnamedZstd } from "./read-package.ts";
import { fillFolder } from "./temporary-sibling.ts";

export interface UnpackProgress {
  /** Bytes of the package that were read, and all of them. */
  readonly done: number;
  readonly total: number;
}

export interface UnpackOptions extends OpenPackageOptions, SafeTreeOptions {
  /** Keep `CLIENT_DATA.site` apart instead of unpacking it over `CLIENT_DATA`. */
  readonly separated?: boolean | undefined;
  /** Replace a folder that is already there. */
  readonly overwrite?: boolean | undefined;
  /** Is told the sums of the files in `CLIENT_DATA`, which are taken while the files are written. */
  readonly clientDataHashes?: KnownHashes | undefined;
  readonly onProgress?: ((progress: UnpackProgress) => void) | undefined;
}

/**
 * Unpacks all archives into the new folder `target`, whatever the control file says (packages 1.4, 2.5).
 * Blocks while it writes: a server calls it through `inWorker`.
 *
 * @throws PackageError for hostile or damaged packages; then nothing is left behind
 */
export async function unpackPackage(path: string, target: string, options: UnpackOptions = {}): Promise<void> {
  await using file = await PackageFile.open(path, options);
  await fillFolder(target, options, (folder) => writeArchives(file, file.archives, folder, options));
}

/** Unpacks a package and reads its control file. Without a good one the package is refused and nothing is left. */
export async function extractPackage(
  path: string,
  target: string,
  options: UnpackOptions = {},
): Promise<PackageControl> {
  await using file = await PackageFile.open(path, options);
  file.archives.forEach(refuseUnnamedZstd);
  return await fillFolder(target, options, async (folder) => {
    await writeArchives(file, file.archives, folder, options);
    return await readControlOfFolder(folder);
  });
}

async function writeArchives(
  file: PackageFile,
  archives: readonly InnerArchive[],
  folder: string,
  { separated, signal, onProgress, keepSetIdBits, clientDataHashes }: UnpackOptions,
): Promise<void> {
  const tree = new SafeTree(folder, { keepSetIdBits: keepSetIdBits ?? false });
  const total = archives.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  await chmod(folder, 0o777 & ~process.umask());
  for (const archive of baseFirst(archives)) {
    const base = separated ? archive.topName : (archive.topName.split(".")[0] ?? "");
    if (base === ".." || base.includes("/")) throw unsupported(`Bad name in the package: '${archive.name}'`);
    if (base !== "") tree.makeTop(base);
    const hashes = base === "CLIENT_DATA" ? clientDataHashes : undefined;
    await file.eachMember(archive, async (member, reader) => void (await tree.write(member, reader, base, hashes)), {
      signal,
      onBytes: (size) => {
        done += size;
        onProgress?.({ done, total });
      },
    });
  }
  tree.finish();
}
