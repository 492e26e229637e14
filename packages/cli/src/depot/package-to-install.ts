import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import {
  formatZsync,
  hashFile,
  type PackageControl,
  readPackage,
  repositoryFileName,
  versionOf,
} from "@opsi-ts/opsi-package";

/** A package file of ours and what it says about itself. */
export interface PackageToInstall {
  readonly file: string;
  /** Name in the repository: without a custom suffix. (packages §3.4) */
  readonly name: string;
  readonly size: number;
  readonly md5: string;
  /** Content of its `.zsync` file. */
  readonly zsync: Uint8Array;
  readonly productId: string;
  /** `1.0-1` */
  readonly version: string;
  readonly control: PackageControl;
}

/** Reads what is to be installed. @throws OpsiError naming the file */
export async function readPackageToInstall(file: string, signal: AbortSignal): Promise<PackageToInstall> {
  let size: number;
  try {
    const stats = await stat(file);
    if (!stats.isFile())
      throw new OpsiError("ValueError", `'${file}' is no file; make a package of a source tree first`);
    size = stats.size;
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw missing ? new OpsiError("FileNotFoundError", `There is no file '${file}'`, { cause: error }) : error;
  }
  const control = await readPackage(file, { signal });
  const name = repositoryFileName(basename(file));
  const { md5, zsync } = await hashFile(file, { withDate: true, signal });
  return {
    file,
    name,
    size,
    md5,
    zsync: formatZsync({ ...zsync, filename: name, url: name }),
    productId: String(control.product["id"]),
    version: versionOf(control),
    control,
  };
}
