import { existsSync, type Stats } from "node:fs";
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
  /** What users who have nothing to do with the service may write to: the file, a folder, or what it may import. */
  readonly writableByAll: string | null;
}

/** More than anybody has; a folder that is a mistake must not keep the service busy. */
const mostFiles = 1000;

const kindOf = (name: string): ExtensionFile["kind"] | null => {
  if (name.startsWith(".") || /\.(d|test)\.ts$/.test(name)) return null;
  if (/\.(ts|js)$/.test(name)) return "extension";
  return name.endsWith(".conf") ? "python" : null;
};

interface Place {
  readonly path: string;
  readonly stats: Stats;
}

const isCode = /\.[cm]?[jt]s$/;
const isOpenToAll = ({ stats }: Place) => (stats.mode & 0o002) !== 0;

/** The extensions of a folder, sorted by name; none where there is no folder. (storage 4.1) */
export async function listExtensions(folder: string): Promise<ExtensionFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (existsSync(folder)) throw error;
    return [];
  });
  const paths = entries
    .slice(0, mostFiles)
    .map(({ name, parentPath }) => ({ name, parentPath, path: join(parentPath, name) }));
  const found = await Promise.all(
    [{ name: "", parentPath: "", path: folder }, ...paths].map(async (place) => {
      const stats = await stat(place.path).catch(() => null); // gone in between, or a link to nowhere
      return stats && { ...place, stats };
    }),
  );
  const places = found.filter((place) => place !== null);
  const files = places.filter(({ stats }) => stats.isFile());
  const folders = places.filter(({ stats }) => stats.isDirectory());
  const imported = files.filter(({ parentPath }) => parentPath !== folder);
  const openToAll = [...folders, ...imported.filter(({ name }) => isCode.test(name))].find(isOpenToAll)?.path ?? null;
  const signatureOf = ({ path, stats }: Place) =>
    `${relative(folder, path)}:${stats.mtimeMs}:${stats.size}:${stats.ino}:${stats.mode}`;
  const shared = [openToAll ?? "", ...imported.map(signatureOf).sort()].join();
  return files
    .flatMap((file) => {
      const kind = file.parentPath === folder ? kindOf(file.name) : null;
      if (kind === null) return [];
      const signature = `${signatureOf(file)},${shared}`;
      const writableByAll = isOpenToAll(file) ? file.path : openToAll;
      return [{ name: file.name, path: file.path, signature, kind, writableByAll }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
