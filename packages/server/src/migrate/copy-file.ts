import { constants } from "node:fs";
import { chmod, copyFile, lchown, lstat, mkdir, open, readFile, readlink, rename, rm, utimes } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";

/** Ending of what is not complete; the next run takes it away. */
const unfinished = ".migrating";

/** Null where there is nothing. */
export async function statsOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw error;
  }
}

/** Links that are followed; more lead in a circle. */
const longestChain = 40;

/**
 * Where something of the original really is: absolute links are meant below its root. Null where there is nothing.
 *
 * @param place relative to the root
 */
export async function findOriginal(root: string, place: string): Promise<string | null> {
  let path = join(root, place);
  for (let links = 0; links < longestChain; links++) {
    const stats = await statsOf(path);
    if (!stats?.isSymbolicLink()) return stats && path;
    const target = await readlink(path);
    path = isAbsolute(target) ? join(root, target) : join(dirname(path), target);
  }
  return null;
}

/**
 * Copies a file with its mode, time and, for root, its owner; a file system that can shares the blocks of both. Either
 * the whole copy is there or none. What is there already stays as it is.
 *
 * @returns whether it was copied
 */
export async function copyWhole(from: string, to: string): Promise<boolean> {
  if ((await statsOf(to)) !== null) return false;
  const { mode, uid, gid, atime, mtime } = await lstat(from);
  await mkdir(dirname(to), { recursive: true, mode: 0o770 });
  const temporary = join(dirname(to), `.${basename(to)}${unfinished}`);
  await rm(temporary, { force: true });
  await copyFile(from, temporary, constants.COPYFILE_FICLONE);
  await keepOwner(temporary, uid, gid);
  await chmod(temporary, mode & 0o7777);
  await utimes(temporary, atime, mtime);
  await flush(temporary);
  await rename(temporary, to);
  return true;
}

/** Only root may give a file away. */
export async function keepOwner(path: string, uid: number, gid: number): Promise<void> {
  if (process.getuid?.() === 0) await lchown(path, uid, gid);
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}

export async function sameContent(one: string, other: string): Promise<boolean> {
  const [left, right] = await Promise.all([readFile(one), readFile(other)]);
  return left.equals(right);
}
