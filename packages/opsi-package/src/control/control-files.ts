import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { controlError, hostile } from "../package-error.ts";
import { compareVersions } from "../version.ts";
import type { PackageControl } from "./package-control.ts";
import { readIniControl } from "./read-ini-control.ts";
import { readTomlControl } from "./read-toml-control.ts";

/** Contents of `control` and `control.toml` of one directory. */
export interface ControlFiles {
  ini?: Uint8Array;
  toml?: Uint8Array;
}

const sizeLimit = 64 << 20;

/** @throws PackageError for a size that no control file has that somebody wrote */
export function checkControlSize(size: number): void {
  if (size > sizeLimit) throw hostile(`Control file of ${size} bytes`);
}

/** `control.toml` counts, unless `control` has a higher version: then somebody forgot one of them. (packages 1.4) */
export function parseControlFiles({ ini, toml }: ControlFiles): PackageControl {
  if (!toml && !ini) throw controlError("No control file found.");
  if (!toml) return readIniControl(ini ?? new Uint8Array());
  const control = readTomlControl(toml);
  if (ini && compareVersions(versionOf(readIniControl(ini)), versionOf(control)) > 0) {
    throw controlError("Control file is newer. Please update the control.toml file.");
  }
  return control;
}

/** `7.1.2-3` */
export function versionOf({ product }: PackageControl): string {
  return `${String(product["productVersion"])}-${String(product["packageVersion"])}`;
}

export interface FoundControl {
  readonly directory: string;
  readonly name: "control.toml" | "control";
}

/**
 * The control file that counts in a source or extracted tree: `control.toml` of the folder itself, of `OPSI.<custom>`,
 * of `OPSI`; then `control` in the same order. (packages 1.4)
 */
export async function findControl(folder: string): Promise<FoundControl> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isFile()).map(({ name }) => name);
  const opsi = names.filter((name) => name === "OPSI" || name.startsWith("OPSI."));
  const directories = [
    folder,
    ...opsi
      .sort()
      .reverse()
      .map((name) => join(folder, name)),
  ];
  return await findControlIn(directories);
}

/** Like `findControl`, in the given directories only. */
export async function findControlIn(directories: readonly string[]): Promise<FoundControl> {
  for (const name of ["control.toml", "control"] as const) {
    for (const directory of directories) {
      if ((await sizeOfFile(join(directory, name))) !== undefined) return { directory, name };
    }
  }
  throw controlError("No control file found.");
}

/** Reads the control file that `findControl` found, with its neighbour. */
export async function readFoundControl({ directory, name }: FoundControl): Promise<PackageControl> {
  const ini = await readIfThere(join(directory, "control"));
  const toml = name === "control.toml" ? await readIfThere(join(directory, name)) : undefined;
  return parseControlFiles({ ...(ini && { ini }), ...(toml && { toml }) });
}

/**
 * Reads the control file of a source or extracted tree.
 *
 *     const { product } = await readControlOfFolder("/var/lib/opsi/workbench/7zip");
 */
export async function readControlOfFolder(folder: string): Promise<PackageControl> {
  return await readFoundControl(await findControl(folder));
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  const size = await sizeOfFile(path);
  if (size === undefined) return undefined;
  checkControlSize(size);
  return await readFile(path);
}

/** Nothing but a file counts: a pipe would let us wait for ever. */
async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
