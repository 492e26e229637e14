import { execFile } from "node:child_process";
import { chmod, chown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Names; unknown ones leave the owner as it is. Null for the user of this process. */
export interface Owner {
  readonly user: string | null;
  readonly group: string;
}

/** Modes of a kind of folder (packages 5.9). */
export interface Rights {
  readonly file: number;
  readonly directory: number;
  /** Files stay executable for whom may read them. */
  readonly keepExecutable: boolean;
}

export const depotRights: Rights = { file: 0o660, directory: 0o2770, keepExecutable: true };
export const repositoryRights: Rights = { file: 0o660, directory: 0o2770, keepExecutable: false };

/** Files at once; more gain nothing. */
const parallel = 32;

/** Sets modes, and as root the owner, of a file or a whole folder. Symbolic links are not touched. (packages 5.9) */
export async function setRights(path: string, rights: Rights, owner: Owner): Promise<void> {
  await apply(path, rights, await findIds(owner));
}

interface Ids {
  /** -1: unchanged */
  readonly user: number;
  readonly group: number;
}

async function apply(path: string, rights: Rights, ids: Ids): Promise<void> {
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) return;
  const isRoot = process.getuid?.() === 0;
  const user = isRoot && ids.user >= 0 ? ids.user : stats.uid;
  const group = ids.group >= 0 ? ids.group : stats.gid;
  // Before the mode: changing the owner drops set-id bits
  if (user !== stats.uid || group !== stats.gid) await chown(path, user, group);
  await chmod(path, stats.isDirectory() ? rights.directory : fileMode(stats.mode, rights));
  if (!stats.isDirectory()) return;
  const names = await readdir(path);
  for (let index = 0; index < names.length; index += parallel) {
    await Promise.all(names.slice(index, index + parallel).map((name) => apply(join(path, name), rights, ids)));
  }
}

function fileMode(mode: number, { file, keepExecutable }: Rights): number {
  const mayExecute = (file & 0o444) >> 2;
  return keepExecutable ? file | (mode & mayExecute) : file;
}

async function findIds({ user, group }: Owner): Promise<Ids> {
  if (process.platform === "win32") return { user: -1, group: -1 };
  return { user: user === null ? -1 : await findId("passwd", user), group: await findId("group", group) };
}

/** With `getent`, as users and groups may live in a directory service. */
async function findId(database: "passwd" | "group", name: string): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)("getent", [database, "--", name], { timeout: 10_000 });
    const id = Number(stdout.split(":")[2]);
    return Number.isInteger(id) ? id : -1;
  } catch {
    return -1; // unknown
  }
}
