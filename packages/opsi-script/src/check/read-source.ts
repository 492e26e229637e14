import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadSource, type Source } from "../language/source.ts";
import { toBytes, toText } from "../text/bytes.ts";

/** Larger files are no scripts. */
const mostBytes = 64 * 1024 * 1024;

/** No system has longer ones. */
const longestPath = 4096;

/** The script file at a path given as a byte string; `null` when there is none that can be read. */
export function readSource(path: string): Source | null {
  try {
    const stat = statSync(toText(path));
    return stat.isFile() && stat.size <= mostBytes ? loadSource(toText(path)) : null;
  } catch {
    return null; // whatever the system has against it: a name that a script has made up may be anything
  }
}

/**
 * The path of a file whose name is spelled with other capitals: clients with Windows find it, others do not. Byte
 * strings; `null` when there is none.
 */
export function findIgnoringCase(path: string): string | null {
  const folder = dirname(path);
  if (folder === path) return path;
  if (path.length > longestPath) return null;
  const parent = exists(folder) ? folder : findIgnoringCase(folder);
  if (parent === null) return null;
  const name = toText(path.slice(path.lastIndexOf("/") + 1)).toLowerCase();
  try {
    const found = readdirSync(toText(parent)).find((entry) => entry.toLowerCase() === name);
    return found === undefined ? null : join(parent, toBytes(found));
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  try {
    return statSync(toText(path), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // not even a path
  }
}
