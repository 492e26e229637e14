import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

export interface TreeEntry {
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly size?: number;
  readonly sha256?: string;
  readonly target?: string;
}

/** Everything below a folder, as the recorded trees have it. */
export async function readTree(folder: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  // Not with readdir's `recursive`, which goes through symbolic links
  const collect = async (below: string): Promise<void> => {
    for (const child of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? child.name : `${below}/${child.name}`;
      entries.push(await readEntry(folder, path));
      if (child.isDirectory()) await collect(path);
    }
  };
  await collect("");
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readEntry(folder: string, path: string): Promise<TreeEntry> {
  const full = join(folder, path);
  const stats = await lstat(full);
  const mode = `0${(stats.mode & 0o7777).toString(8).padStart(3, "0")}`.slice(-4);
  if (stats.isSymbolicLink()) return { path, type: "symlink", mode, target: await readlink(full) };
  if (stats.isDirectory()) return { path, type: "dir", mode };
  if (!stats.isFile()) return { path, type: "special", mode };
  const sha256 = createHash("sha256")
    .update(await readFile(full))
    .digest("hex");
  return { path, type: "file", mode, size: stats.size, sha256 };
}

/** What of a tree has to be equal: directories that archives only imply have the mode that the umask gives them. */
export function comparable(tree: readonly TreeEntry[]): unknown[] {
  return tree
    .map(({ path, type, mode, size, sha256, target }) => ({
      ...{ path, type, size, sha256, target },
      ...(type === "file" && { mode }),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
