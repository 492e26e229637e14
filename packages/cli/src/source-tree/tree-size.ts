import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of the files below the top folders of a package, for a progress bar: roughly right is enough. */
export async function treeSize(folder: string): Promise<number> {
  const tops = (await readdir(folder)).filter((name) => /^(OPSI|CLIENT_DATA|SERVER_DATA)(\.|$)/.test(name));
  let size = 0;
  for (const top of tops) {
    for (const entry of await readdir(join(folder, top), { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (!entry.isFile()) continue;
      size += await stat(join(entry.parentPath, entry.name)).then(
        (stats) => stats.size,
        () => 0,
      );
    }
  }
  return size;
}
