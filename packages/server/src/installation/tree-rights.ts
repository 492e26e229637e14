import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";

export interface Rights {
  readonly uid: number;
  readonly gid: number;
  /** Permission bits of files and folders; null leaves files their own. */
  readonly files: number | null;
  readonly folders: number;
  /** Whether files that may be executed stay so, for those who may read them. */
  readonly keepsExecutable: boolean;
}

/** What applies to an entry, by its path relative to the top, which itself is "". */
export type RightsOf = (path: string) => Rights;

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_DIRECTORY } = constants;

/**
 * Gives a tree its owner and permissions, and counts what had others. Links and special files are left alone. Each entry is reached
 * through the open folder above it and changed through its own descriptor: who may write in the tree can exchange
 * nothing for a link to elsewhere meanwhile.
 *
 * @throws the system's error for the top; an entry that disappears meanwhile is none
 */
export async function setTreeRights(top: string, rightsOf: RightsOf): Promise<{ entries: number; changed: number }> {
  const count = { entries: 0, changed: 0 };
  await using folder = await open(top, O_RDONLY | O_DIRECTORY);
  await setFolder(folder, "", rightsOf, count);
  return count;
}

async function setFolder(
  folder: FileHandle,
  path: string,
  rightsOf: RightsOf,
  count: { entries: number; changed: number },
): Promise<void> {
  await setEntry(folder, rightsOf(path), count);
  const reach = `/proc/self/fd/${folder.fd}`;
  for (const entry of await readdir(reach, { withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    await using handle = await openEntry(`${reach}/${entry.name}`);
    if (handle === null) continue;
    const status = await handle.stat();
    if (status.isDirectory()) await setFolder(handle, below, rightsOf, count);
    else if (status.isFile()) await setEntry(handle, rightsOf(below), count);
  }
}

async function openEntry(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ELOOP" || code === "ENXIO") return null;
    throw error;
  }
}

async function setEntry(
  handle: FileHandle,
  rights: Rights,
  count: { entries: number; changed: number },
): Promise<void> {
  const status = await handle.stat();
  const isFolder = status.isDirectory();
  const mode = isFolder ? rights.folders : fileMode(status.mode & 0o7777, rights);
  count.entries++;
  const owned = status.uid === rights.uid && status.gid === rights.gid;
  if (owned && (status.mode & 0o7777) === mode) return;
  count.changed++;
  if (!owned) await handle.chown(rights.uid, rights.gid); // takes set-id bits away, so it comes first
  await handle.chmod(mode);
}

/** Who may execute a file that may be executed is who may read it. */
function fileMode(mode: number, { files, keepsExecutable }: Rights): number {
  if (files === null) return mode;
  return keepsExecutable && (mode & 0o111) !== 0 ? files | ((files & 0o444) >> 2) : files;
}
