import { existsSync, statSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError, rule } from "@opsi-ts/model";
import { formatZsync, inWorker, writeDurably } from "@opsi-ts/opsi-package";
import type { Depot } from "./depot.ts";
import { depotRights, repositoryRights, setRights } from "./file-rights.ts";
import { systemErrorText } from "./system-error.ts";

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
    const stored = await readFile(`${path}.md5`, "utf8").catch(() => "");
    if (stored !== "") return stored;
  }
  try {
    // A worker thread costs more than the few files of a typo.
    if (!statSync(path).isFile()) throw Object.assign(new Error("not a file"), { code: "EISDIR" });
    return await inWorker("md5OfFile", [path]);
  } catch (error) {
    throw md5Failure(error, path);
  }
}

/** The text is the original's, from whose inside a name got into it. */
export function md5Failure(error: unknown, path: string): OpsiError {
  const text = `Failed to get get_file_md5sum: ${systemErrorText(error, path)}`;
  return new OpsiError("BackendIOError", text, { cause: error });
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
  const { blocks, bavail, bsize } = await statfs(path).catch((error: unknown) => {
    throw diskSpaceFailure(error, path);
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

export function diskSpaceFailure(error: unknown, path: string): OpsiError {
  const text = `Failed to get disk space usage: ${systemErrorText(error, path)}`;
  return new OpsiError("BackendIOError", text, { cause: error });
}

async function checkFile(path: string): Promise<void> {
  if (!existsSync(path)) throw new OpsiError("BackendIOError", `File not found: ${path}`);
}
