import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError, rule } from "@opsi-ts/model";
import { formatZsync, inWorker, writeDurably } from "@opsi-ts/opsi-package";
import type { Depot } from "./depot.ts";
import { depotRights, repositoryRights, setRights } from "./file-rights.ts";

/** `depot_createPackageContentFile`: after files of a product were changed by hand. (packages 3.1) */
export async function createPackageContentFile({ folders, owner }: Depot, product: string): Promise<void> {
  const productId = rule.productId.coerce(product);
  const folder = join(folders.depot, productId);
  if (!existsSync(folder)) throw new OpsiError("BackendIOError", `Product dir '${folder}' not found`);
  await inWorker("writeContentFile", [folder, productId]);
  await setRights(join(folder, `${productId}.files`), depotRights, owner);
}

/** `depot_createMd5SumFile` (packages 1.9) */
export async function createMd5SumFile({ owner }: Depot, path: string, target: string): Promise<void> {
  await checkFile(path);
  await writeDurably(target, await inWorker("md5OfFile", [path]));
  await setRights(target, repositoryRights, owner);
}

/** `depot_createZsyncFile` (packages 4.8) */
export async function createZsyncFile({ owner }: Depot, path: string, target: string): Promise<void> {
  await checkFile(path);
  const { zsync } = await inWorker("hashFile", [path]);
  await writeDurably(target, formatZsync(zsync));
  await setRights(target, repositoryRights, owner);
}

/** `depot_getMD5Sum`: what stands in the file beside it, or the sum of the file itself. (packages 3.1) */
export async function md5Sum(path: string, forceCalculation: unknown = false): Promise<string> {
  if (!rule.bool.coerce(forceCalculation)) {
    const stored = await readFile(`${path}.md5`, "utf8").catch(() => null);
    if (stored !== null) return stored;
  }
  await checkFile(path);
  return await inWorker("md5OfFile", [path]);
}

export interface DiskSpaceUsage {
  readonly capacity: number;
  /** For users without privileges. */
  readonly available: number;
  readonly used: number;
  /** 0 to 1 */
  readonly usage: number;
}

/** `depot_getDiskSpaceUsage`, in bytes. (packages 3.1) */
export async function diskSpaceUsage(path: string): Promise<DiskSpaceUsage> {
  const { blocks, bavail, bsize } = await statfs(path).catch((cause: unknown) => {
    throw new OpsiError("BackendIOError", `Failed to get disk space usage of '${path}'`, { cause });
  });
  const capacity = blocks * bsize;
  const available = bavail * bsize;
  return {
    capacity,
    available,
    used: capacity - available,
    usage: capacity === 0 ? 0 : (capacity - available) / capacity,
  };
}

async function checkFile(path: string): Promise<void> {
  if (!existsSync(path)) throw new OpsiError("BackendIOError", `File '${path}' does not exist`);
}
