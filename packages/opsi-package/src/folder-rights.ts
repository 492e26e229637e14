import { chmodSync, lchownSync, lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";

/** Modes of a kind of folder (packages 5.9). */
export interface Rights {
  readonly file: number;
  readonly directory: number;
  /** Files stay executable for whom may read them. */
  readonly keepExecutable: boolean;
}

/** Numbers of user and group; -1: unchanged. */
export interface OwnerIds {
  readonly user: number;
  readonly group: number;
}

/**
 * Sets modes and owner of a file or a whole folder. Symbolic links are not touched. (packages 5.9)
 *
 * Blocks, which takes a fraction of the time with many files; a server calls it for folders through `inWorker`.
 */
export function applyRights(path: string, rights: Rights, owner: OwnerIds): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  const user = owner.user >= 0 ? owner.user : stats.uid;
  const group = owner.group >= 0 ? owner.group : stats.gid;
  // Before the mode: changing the owner drops set-id bits
  if (user !== stats.uid || group !== stats.gid) lchownSync(path, user, group);
  chmodSync(path, stats.isDirectory() ? rights.directory : fileMode(stats, rights));
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path)) applyRights(join(path, name), rights, owner);
}

function fileMode({ mode }: Stats, { file, keepExecutable }: Rights): number {
  const mayExecute = (file & 0o444) >> 2;
  return keepExecutable ? file | (mode & mayExecute) : file;
}
