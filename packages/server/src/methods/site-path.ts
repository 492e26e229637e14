import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { isOpsiError, OpsiError } from "@opsi-ts/model";
import type { Call } from "./declare.ts";

/**
 * Where a site keeps a file that programs know as, e.g., `/var/lib/opsi/repository/x.opsi`, which they have from the
 * depot's `repositoryLocalUrl`: below its root. What is not there may be a file of the machine.
 */
export function sitePath({ site }: Call, path: string): string {
  const { root } = site.folders;
  if (root === "/" || !isAbsolute(path) || isBelow(path, root)) return path;
  const below = join(root, path);
  return existsSync(below) || existsSync(dirname(below)) ? below : path;
}

export const isBelow = (path: string, folder: string) => path === folder || path.startsWith(folder + sep);

/** Does something with files of the site; errors speak of them as programs know them. */
export async function withSitePaths<T>({ site }: Call, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { root } = site.folders;
    if (root === "/" || !isOpsiError(error) || !error.message.includes(root)) throw error;
    const known = new OpsiError(error.class, "", { ...(error.field && { field: error.field }), cause: error });
    known.message = error.message.replaceAll(`${root}/`, "/");
    throw known;
  }
}

/**
 * Whether the caller may ask about a file: clients only about those that opsi keeps. For them others do not exist.
 * (methods 21, 4)
 */
export async function maySee({ session, site }: Call, path: string): Promise<boolean> {
  if (session.isAdmin || session.hostType !== "OpsiClient") return true;
  const real = await realpath(path).catch(() => resolve(path)); // `..` must not lead out of what is not there
  const { state, logs } = site.folders;
  const folders = await Promise.all([state, logs].map((folder) => realpath(folder).catch(() => folder)));
  return folders.some((folder) => isBelow(real, folder));
}
