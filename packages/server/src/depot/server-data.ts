import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { DepotFolders } from "./depot.ts";

/**
 * Copies the files of SERVER_DATA to where they belong below `/`, but only into `/tmp`, `/var/lib/opsi` and the boot
 * folder, also when links on the server lead elsewhere (packages 3.3 step 8).
 *
 * @returns the files that were left out, as paths on the server
 */
export async function installServerData(source: string, folders: DepotFolders): Promise<string[]> {
  if (!existsSync(source)) return [];
  const skipped: string[] = [];
  for (const file of await filesBelow(source)) {
    const target = targetOf(relative(source, file), folders);
    if (target === null || !(await copyInto(file, target, folders))) skipped.push(`/${relative(source, file)}`);
  }
  return skipped;
}

/** Links count as what they lead to; links within the package only were unpacked. */
async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => null);
    if (stats?.isDirectory()) files.push(...(await filesBelow(path)));
    else if (stats?.isFile()) files.push(path);
  }
  return files;
}

function targetOf(path: string, folders: DepotFolders): string | null {
  const target = resolve(folders.root, path);
  const parent = dirname(target);
  const bootNames = [resolve(folders.root, "tftpboot"), folders.boot];
  if (bootNames.includes(parent)) return join(folders.boot, basename(target));
  return isAllowed(target, folders) ? target : null;
}

function isAllowed(path: string, { root, state, boot }: DepotFolders): boolean {
  return [resolve(root, "tmp"), state, boot].some((folder) => path.startsWith(`${folder}/`));
}

/** False when a link on the server leads out of the folders that are allowed. */
async function copyInto(source: string, target: string, folders: DepotFolders): Promise<boolean> {
  const parent = dirname(target);
  let existing = parent;
  while (!existsSync(existing)) existing = dirname(existing);
  const real = await realpath(existing);
  const isLinkOut =
    real !== existing && !(await realFolders(folders)).some((folder) => `${real}/`.startsWith(`${folder}/`));
  if (isLinkOut) return false;
  await mkdir(parent, { recursive: true });
  const unfinished = join(parent, `.${basename(target)}.${randomUUID()}`);
  try {
    await copyFile(source, unfinished);
    await chmod(unfinished, (await stat(source)).mode & 0o777);
    await rename(unfinished, target); // replaces a link, and does not write through it
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return true;
}

async function realFolders({ root, state, boot }: DepotFolders): Promise<string[]> {
  const folders = [resolve(root, "tmp"), state, boot].filter((folder) => existsSync(folder));
  return await Promise.all(folders.map((folder) => realpath(folder)));
}
