import type { Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { notFound, WebdavError } from "./webdav-error.ts";

/** A folder of the disk that is offered under an address. */
export interface Folder {
  /** As addressed, e.g. `depot`. */
  readonly name: string;
  readonly path: string;
  /** Names that do not exist are looked for in any case. */
  readonly caseInsensitive: boolean;
  readonly readOnly: boolean;
}

/** Where an address leads on the disk. */
export interface Place {
  readonly folder: Folder;
  readonly path: string;
  /** null = nothing is there */
  readonly stats: Stats | null;
  /** The folder itself, which can be neither removed nor replaced. */
  readonly isRoot: boolean;
}

/** Uploads that are not finished: in no list, at no address. */
export const uploadPrefix = ".opsi-upload-";

/**
 * Finds the place of a decoded path below a folder. Dots are resolved before the disk is asked; links are followed as
 * long as they stay inside. If names differ in case only, folders that allow it take the one that is there; what is
 * new gets the name as given, below folders as they are. (service 4.2)
 *
 * @throws WebdavError 403 for what lies outside
 */
export async function locate(folder: Folder, path: string): Promise<Place> {
  const segments = segmentsOf(path);
  const exact = join(folder.path, ...segments);
  const isRoot = segments.length === 0;
  let found = { path: exact, stats: await statIfThere(exact) };
  if (found.stats === null && folder.caseInsensitive) found = await locateInAnyCase(folder.path, segments);
  await checkInside(folder, found.stats === null ? dirname(found.path) : found.path);
  return { folder, ...found, isRoot };
}

/** Names from the folder down. */
export function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") {
      if (segments.pop() === undefined) throw new WebdavError(403, "The path leads out of the folder");
      continue;
    }
    if (segment.includes("\0") || segment.startsWith(uploadPrefix)) throw notFound();
    if (sep !== "/" && segment.includes(sep)) throw notFound();
    segments.push(segment);
  }
  return segments;
}

/** Names of files and folders that may be seen, sorted; special files and links that lead outside are left out. */
export async function visibleNames(folder: Folder, path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(uploadPrefix)) continue;
    if (entry.isFile() || entry.isDirectory()) names.push(entry.name);
    else if (entry.isSymbolicLink() && (await leadsInside(folder, join(path, entry.name)))) names.push(entry.name);
  }
  return names.sort();
}

export async function statIfThere(path: string): Promise<Stats | null> {
  try {
    const stats = await stat(path);
    return stats.isFile() || stats.isDirectory() ? stats : null;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ELOOP") return null;
    throw error;
  }
}

async function locateInAnyCase(
  root: string,
  segments: readonly string[],
): Promise<{ path: string; stats: Stats | null }> {
  let path = root;
  for (const [at, segment] of segments.entries()) {
    const found = (await statIfThere(join(path, segment))) === null ? await nameInAnyCase(path, segment) : segment;
    if (found === null) return { path: join(path, ...segments.slice(at)), stats: null };
    path = join(path, found);
  }
  return { path, stats: await statIfThere(path) };
}

/** Of several spellings the one in lower case is taken, else the first: the answer must not depend on the disk. */
async function nameInAnyCase(folder: string, name: string): Promise<string | null> {
  const wanted = name.toLowerCase();
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    return null; // a file, or nothing at all
  }
  const alike = names.filter((entry) => entry.toLowerCase() === wanted).sort();
  return alike.find((entry) => entry === wanted) ?? alike[0] ?? null;
}

const realRoots = new Map<string, string>();

async function realRoot(folder: Folder): Promise<string> {
  const known = realRoots.get(folder.path);
  if (known !== undefined) return known;
  const real = await realpath(folder.path);
  realRoots.set(folder.path, real);
  return real;
}

async function leadsInside(folder: Folder, path: string): Promise<boolean> {
  try {
    await checkInside(folder, path);
    return (await statIfThere(path)) !== null;
  } catch {
    return false; // a link to nowhere
  }
}

/** @throws WebdavError 403 if links lead outside; what does not exist is no danger */
async function checkInside(folder: Folder, path: string): Promise<void> {
  const root = await realRoot(folder);
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return;
    throw error;
  }
  if (real !== root && !real.startsWith(root + sep)) throw new WebdavError(403, "The path leads out of the folder");
}
