import { readFile } from "node:fs/promises";
import { damaged } from "./package-error.ts";
import { writeDurably } from "./write-whole.ts";
import { hashFile } from "./zsync/hash-file.ts";
import { formatZsync } from "./zsync/zsync-file.ts";

export interface CompanionOptions {
  readonly md5?: boolean | undefined;
  readonly zsync?: boolean | undefined;
  /** Put the package's date into the zsync file, as all tools but opsi-makepackage do. */
  readonly withDate?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What may lie beside a package and belongs to it. */
export const companionNames = (path: string): [md5: string, zsync: string] => [`${path}.md5`, `${path}.zsync`];

/**
 * Writes `<package>.md5` and `<package>.zsync` in one pass over the package (packages 1.9).
 *
 *     await writeCompanionFiles("repository/7zip_24.09-1.opsi");
 */
export async function writeCompanionFiles(path: string, options: CompanionOptions = {}): Promise<void> {
  const { md5 = true, zsync = true, withDate = true, signal } = options;
  if (!md5 && !zsync) return;
  const hashes = await hashFile(path, { withDate, signal });
  const [md5Path, zsyncPath] = companionNames(path);
  if (md5) await writeDurably(md5Path, hashes.md5);
  if (zsync) await writeDurably(zsyncPath, formatZsync(hashes.zsync));
}

/** The MD5 in a file beside a package; lines as `md5sum` writes them are understood, too. */
export async function readMd5File(path: string): Promise<string> {
  const found = /^\s*([0-9a-fA-F]{32})(?:\s|$)/.exec(await readFile(path, "utf8"));
  if (found?.[1] === undefined) throw damaged(`'${path}' holds no MD5 sum`);
  return found[1].toLowerCase();
}
