import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
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
 * Blocks while it reads directories, which is many times as fast; a server packs in a worker thread.
 *
 * @param follow store what links point to; within linked directories every directory is listed and nothing excluded
 */
export function* sourceMembers(top: string, follow: boolean): Generator<SourceMember> {
  yield* walk({ top, follow, inodes: new Map() }, "", [realpathSync(top)], false);
}

interface Walk {
  readonly top: string;
  readonly follow: boolean;
  /** Names of files that have several links, by device and inode. */
  readonly inodes: Map<string, string>;
}

function* walk(context: Walk, folder: string, ancestors: readonly string[], linked: boolean): Generator<SourceMember> {
  const { top, follow } = context;
  const names = readdirSync(join(top, folder)).sort();
  if (names.length === 0 || linked) yield directoryMember(context, folder);
  for (const name of names) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const stats = lstatSync(join(top, path));
    const target = stats.isSymbolicLink() ? targetStats(join(top, path)) : null;
    if ((target ?? stats).isDirectory()) {
      if (folder === "" && !linked && excludedDirectory.test(name)) continue;
      const real = realpathSync(join(top, path));
      if (ancestors.includes(real)) throw unsupported(`'${path}' is a link to a directory that contains it`);
      yield* walk(context, path, [...ancestors, real], linked || (follow && stats.isSymbolicLink()));
    } else if (linked || !excludedFile.test(name)) {
      yield fileMember(context, path, follow && target ? target : stats);
    }
  }
}

function directoryMember({ top }: Walk, folder: string): SourceMember {
  const stats = statSync(join(top, folder));
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

function fileMember({ top, inodes }: Walk, name: string, stats: Stats): SourceMember {
  const path = join(top, name);
  const common = { name, mode: stats.mode & 0o7777, modified: seconds(stats) };
  if (stats.isSymbolicLink()) {
    const target = readlinkSync(path);
    if (linkTarget(name.split("/").slice(0, -1), target) === null) {
      throw unsupported(`'${name}' is a link out of the package: '${target}'; follow links or leave it out`);
    }
    return { ...common, mode: 0o777, type: "symlink", size: 0, target, path: "" };
  }
  if (!stats.isFile()) throw unsupported(`'${name}' is a device, pipe or socket`);
  if (stats.nlink > 1) {
    const inode = `${stats.dev}:${stats.ino}`;
    const first = inodes.get(inode);
    if (first !== undefined) return { ...common, type: "hardlink", size: 0, target: first, path: "" };
    inodes.set(inode, name);
  }
  return { ...common, type: "file", size: stats.size, target: "", path };
}

/** Null for links that lead nowhere: they are stored as links. */
function targetStats(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** Whole seconds: fractions would need another header of 1 kB per file, a tenth of the time for many small ones. */
const seconds = ({ mtimeMs }: Stats): number => Math.floor(mtimeMs / 1000);
