import { OpsiError } from "@opsi-ts/model";
import { type ContentEntry, parseContentFile } from "@opsi-ts/opsi-package";

/**
 * The entries of a product's `.files` by path, with the folders that files need even if the list does not name them.
 * What comes from the network must not reach outside the product's folder. (packages §1.9)
 *
 * @throws OpsiError for a list that cannot be read, names a path twice or one that leaves the folder
 */
export function readContentList(text: string): Map<string, ContentEntry> {
  const entries = new Map<string, ContentEntry>();
  for (const entry of parseContentFile(text)) {
    const { path } = entry;
    if (!staysInside(path))
      throw new OpsiError("ValueError", `Content list names a path outside the product: '${path}'`);
    if (entries.has(path)) throw new OpsiError("ValueError", `Content list names '${path}' twice`);
    entries.set(path, entry);
  }
  for (const path of [...entries.keys()]) {
    for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent)) {
      const known = entries.get(parent);
      if (known !== undefined && known.type !== "directory") {
        throw new OpsiError("ValueError", `Content list has '${path}' below the ${known.type} '${parent}'`);
      }
      entries.set(parent, { type: "directory", path: parent });
    }
  }
  return entries;
}

const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** No root, no drive, no `..`, nothing empty, no byte 0: it can only lie below the folder that it is joined to. */
function staysInside(path: string): boolean {
  if (path.includes("\0") || path.startsWith("/") || /^[a-z]:/i.test(path)) return false;
  if (process.platform === "win32" && path.includes("\\")) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
