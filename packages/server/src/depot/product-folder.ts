import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { inWorker } from "@opsi-ts/opsi-package";
import type { DepotFolders } from "./depot.ts";

/** Folders of unfinished changes: `.NAME.new-…` is not complete, `.NAME.replaced-…` was in use before. */
const unfinished = /^\.(.+)\.(new|replaced)-[0-9a-f-]{36}$/;
const unpacked = /^\.opsi-package-[0-9a-f-]{36}$/;

/** Where a package is unpacked to. */
export const unpackFolder = (temporary: string) => join(temporary, `.opsi-package-${randomUUID()}`);

/**
 * Puts a folder in place of another, e.g. that of a product in the depot; without `source` an empty one. What was there
 * is kept until the new folder is in place: a crash leaves the old or the new folder, see `recoverDepot`.
 * (packages 3.3 step 7)
 */
export async function replaceFolder(parent: string, name: string, source: string | null): Promise<void> {
  const target = join(parent, name);
  const fresh = join(parent, `.${name}.new-${randomUUID()}`);
  const old = join(parent, `.${name}.replaced-${randomUUID()}`);
  try {
    if (source === null) await mkdir(fresh);
    else await moveFolder(source, fresh);
    if (existsSync(target)) await rename(target, old);
    await rename(fresh, target);
  } catch (error) {
    if (existsSync(old) && !existsSync(target)) await rename(old, target);
    throw error;
  } finally {
    await removeFolder(fresh);
    await removeFolder(old);
  }
}

/** Thousands of files are removed without holding up the server. */
export async function removeFolder(path: string): Promise<void> {
  if (existsSync(path)) await inWorker("removeFolder", [path]);
}

/** The temporary folder may be on another disk. */
async function moveFolder(source: string, target: string): Promise<void> {
  try {
    await rename(source, target);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
    await cp(source, target, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true, errorOnExist: true });
  }
}

/** Removes the product's folder, however its name is written. (packages 3.5 step 6) */
export async function removeProductFolder(depot: string, productId: string): Promise<void> {
  for (const entry of await readdir(depot, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.toLowerCase() !== productId.toLowerCase()) continue;
    // First out of sight, so that a crash does not leave half a product where clients look
    const old = join(depot, `.${entry.name}.replaced-${randomUUID()}`);
    await rename(join(depot, entry.name), old);
    await removeFolder(old);
  }
}

/**
 * Clears up after a crash, when the server starts: a folder that was about to be replaced comes back if there is no new
 * one in its place, and what was unpacked goes. Must not run while packages are installed.
 */
export async function recoverDepot({ depot, temporary }: Pick<DepotFolders, "depot" | "temporary">): Promise<void> {
  for (const name of existsSync(temporary) ? await readdir(temporary) : []) {
    if (unpacked.test(name)) await removeFolder(join(temporary, name));
  }
  for (const name of existsSync(depot) ? await readdir(depot) : []) {
    const [, productId, state] = unfinished.exec(name) ?? [];
    if (productId === undefined) continue;
    const place = join(depot, productId);
    if (state === "replaced" && !existsSync(place)) await rename(join(depot, name), place);
    else await removeFolder(join(depot, name));
  }
}
