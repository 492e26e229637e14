import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";

/** A file below extend.d. */
export interface ExtensionFile {
  /** Its path below the folder. */
  readonly name: string;
  readonly path: string;
  /** Changes with the file, and with everything in the subfolders, from which it may import. */
  readonly signature: string;
  readonly kind: "extension" | "python";
  /** May it be written by users who have nothing to do with the service? */
  readonly writableByAll: boolean;
}

/** More than anybody has; a folder that is a mistake must not keep the service busy. */
const mostFiles = 1000;

const kindOf = (name: string): ExtensionFile["kind"] | null => {
  if (name.startsWith(".") || /\.(d|test)\.ts$/.test(name)) return null;
  if (/\.(ts|js)$/.test(name)) return "extension";
  return name.endsWith(".conf") ? "python" : null;
};

/** The extensions of a folder, sorted by name; none where there is no folder. (storage 4.1) */
export async function listExtensions(folder: string): Promise<ExtensionFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (existsSync(folder)) throw error;
    return [];
  });
  const found = await Promise.all(
    entries.slice(0, mostFiles).map(async ({ name, parentPath }) => {
      const path = join(parentPath, name);
      const stats = await stat(path).catch(() => null); // gone in between, or a link to nowhere
      return stats?.isFile() ? { name, path, parentPath, stats } : null;
    }),
  );
  const files = found.filter((file) => file !== null);
  const signatureOf = ({ path, stats }: (typeof files)[number]) =>
    `${relative(folder, path)}:${stats.mtimeMs}:${stats.size}:${stats.ino}:${stats.mode}`;
  const imported = files
    .filter(({ parentPath }) => parentPath !== folder)
    .map(signatureOf)
    .sort()
    .join();
  return files
    .flatMap((file) => {
      const kind = file.parentPath === folder ? kindOf(file.name) : null;
      if (kind === null) return [];
      const signature = `${signatureOf(file)},${imported}`;
      const writableByAll = (file.stats.mode & 0o002) !== 0;
      return [{ name: file.name, path: file.path, signature, kind, writableByAll }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
