import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { isZip, unpackZip } from "../files/zip.ts";
import { reasonOf } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { maskMatcher, splitMask } from "./file-mask.ts";

export interface CopyOptions {
  readonly recursive: boolean;
  readonly emptyFolders: boolean;
  /** Do not overwrite what is newer or equally old. */
  readonly update: boolean;
  readonly never: boolean;
  /** Do not overwrite what is write-protected. */
  readonly weak: boolean;
  readonly extract: boolean;
  /** Copy what a link points to. */
  readonly follow: boolean;
}

/** Times this close to each other count as equal: FAT keeps even seconds only. */
const toleranceMilliseconds = 2000;

/** `copy source target`: the target is always a directory. A missing source is no error (sections §1). */
export function copyFiles(context: Context, source: string, target: string, options: CopyOptions): void {
  const { folder, mask } = splitMask(toText(source));
  const from = folder === "" ? "." : folder;
  if (!statSync(from, { throwIfNoEntry: false })?.isDirectory()) {
    context.log.write(level.info, `copy: ${source}: no such directory`);
    return;
  }
  const to = toText(target);
  if (to === "") {
    context.error(`copy: ${source}: no target`);
    return;
  }
  if (statSync(to, { throwIfNoEntry: false })?.isFile()) {
    context.error(`copy: ${target} is a file`);
    return;
  }
  mkdirSync(to, { recursive: true });
  const count = copyFolder(context, from, to, maskMatcher(mask), options, new Set([identity(from), identity(to)]));
  context.log.write(level.info, count === 0 ? `copy: no file found: ${source}` : `copy: ${count} copied to ${target}`);
}

/** Tells whether two paths lead to the same folder. */
function identity(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true });
  return `${dev}:${ino}`;
}

/** @param above the folders on the way here, and the target: what leads back to them would never end */
function copyFolder(
  context: Context,
  from: string,
  to: string,
  matches: (name: string) => boolean,
  options: CopyOptions,
  above: ReadonlySet<string>,
): number {
  let count = 0;
  const folders: string[] = [];
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    const isLink = entry.isSymbolicLink();
    const pointsToFolder = isLink && statSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (entry.isDirectory() || (pointsToFolder && options.follow)) folders.push(entry.name);
    else if (matches(entry.name) && entry.name.toLowerCase() !== ".ds_store") {
      if (copyOne(context, path, join(to, entry.name), to, isLink && !options.follow, options)) count++;
    }
  }
  if (!options.recursive && !options.emptyFolders) return count;
  for (const name of folders) {
    const source = join(from, name);
    const id = identity(source);
    if (above.has(id)) {
      context.warning(toBytes(`copy: ${source} leads back to the source or the target`));
      continue;
    }
    const path = join(to, name);
    mkdirSync(path, { recursive: true });
    if (options.recursive) count += copyFolder(context, source, path, matches, options, new Set([...above, id]));
  }
  return count;
}

/** Keeps time and mode; links are made anew. False when the file stays as it is. */
function copyOne(
  context: Context,
  from: string,
  to: string,
  folder: string,
  asLink: boolean,
  options: CopyOptions,
): boolean {
  try {
    if (options.extract && isZip(from)) {
      unpackZip(from, folder);
      return true;
    }
    const existing = lstatSync(to, { throwIfNoEntry: false });
    if (existing) {
      const source = lstatSync(from);
      if (source.dev === existing.dev && source.ino === existing.ino) {
        context.warning(toBytes(`copy: ${from}: source and target are the same`));
        return false;
      }
      if (existing.isDirectory()) {
        context.error(toBytes(`copy: ${to} is a directory`));
        return false;
      }
      if (options.never) return false;
      if (options.weak && !isWritable(to)) return false;
      if (options.update && source.mtimeMs <= existing.mtimeMs + toleranceMilliseconds) return false;
      rmSync(to, { force: true });
    }
    if (asLink) symlinkSync(readlinkSync(from), to);
    else {
      copyFileSync(from, to);
      const { mode, atime, mtime } = statSync(from);
      chmodSync(to, mode & 0o7777);
      utimesSync(to, atime, mtime);
    }
    return true;
  } catch (error) {
    context.error(`copy: ${toBytes(`${from} to ${to}`)}: ${reasonOf(error)}`);
    return false;
  }
}

function isWritable(path: string): boolean {
  try {
    if ((statSync(path).mode & 0o222) === 0) return false; // also for root, who may write everything
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
