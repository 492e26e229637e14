import type { BigIntStats, Stats } from "node:fs";
import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { linkTarget } from "./archive/member-name.ts";
import type { WrittenMember } from "./archive/tar-writer.ts";
import { unsupported } from "./package-error.ts";

export interface SourceMember extends WrittenMember {
  /** Where the content of a file is; empty for everything else. */
  readonly path: string;
}

const excludedDirectory = /^\.(svn|git)$/;
const excludedFile = /~$|^[Tt]humbs\.db$|^\.[Dd][Ss]_[Ss]tore$/;

/**
 * What of a top directory goes into its archive, in the order of names (packages 1.3): files, links, empty directories;
 * other directories are implied. Links to directories are always walked.
 *
 * @param follow store what links point to; within linked directories every directory is listed and nothing excluded
 */
export async function* sourceMembers(top: string, follow: boolean): AsyncGenerator<SourceMember> {
  yield* walk({ top, follow, inodes: new Map() }, "", [await realpath(top)], false);
}

interface Walk {
  readonly top: string;
  readonly follow: boolean;
  /** Names of files that have several links, by device and inode. */
  readonly inodes: Map<string, string>;
}

async function* walk(
  context: Walk,
  folder: string,
  ancestors: readonly string[],
  linked: boolean,
): AsyncGenerator<SourceMember> {
  const { top, follow } = context;
  const names = (await readdir(join(top, folder))).sort();
  if (names.length === 0 || linked) yield await directoryMember(context, folder);
  for (const name of names) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const stats = await lstat(join(top, path), { bigint: true });
    const target = stats.isSymbolicLink() ? await targetStats(join(top, path)) : null;
    if ((target ?? stats).isDirectory()) {
      if (folder === "" && !linked && excludedDirectory.test(name)) continue;
      const real = await realpath(join(top, path));
      if (ancestors.includes(real)) throw unsupported(`'${path}' is a link to a directory that contains it`);
      yield* walk(context, path, [...ancestors, real], linked || (follow && stats.isSymbolicLink()));
    } else if (linked || !excludedFile.test(name)) {
      yield await fileMember(context, path, follow && target ? target : stats);
    }
  }
}

async function directoryMember({ top }: Walk, folder: string): Promise<SourceMember> {
  const stats = await stat(join(top, folder));
  return {
    name: folder,
    type: "directory",
    mode: stats.mode & 0o7777,
    modified: seconds(stats),
    size: 0,
    target: "",
    path: "",
  };
}

async function fileMember({ top, inodes }: Walk, name: string, stats: BigIntStats): Promise<SourceMember> {
  const path = join(top, name);
  const common = { name, mode: Number(stats.mode & 0o7777n), modified: Number(stats.mtimeMs) / 1000 };
  if (stats.isSymbolicLink()) {
    const target = await readlink(path);
    if (linkTarget(name.split("/").slice(0, -1), target) === null) {
      throw unsupported(`'${name}' is a link out of the package: '${target}'; follow links or leave it out`);
    }
    return { ...common, mode: 0o777, type: "symlink", size: 0, target, path: "" };
  }
  if (!stats.isFile()) throw unsupported(`'${name}' is a device, pipe or socket`);
  if (stats.nlink > 1n) {
    const inode = `${stats.dev}:${stats.ino}`;
    const first = inodes.get(inode);
    if (first !== undefined) return { ...common, type: "hardlink", size: 0, target: first, path: "" };
    inodes.set(inode, name);
  }
  return { ...common, type: "file", size: Number(stats.size), target: "", path };
}

/** Null for links that lead nowhere: they are stored as links. */
async function targetStats(path: string): Promise<BigIntStats | null> {
  try {
    return await stat(path, { bigint: true });
  } catch {
    return null;
  }
}

const seconds = ({ mtimeMs }: Stats): number => mtimeMs / 1000;
