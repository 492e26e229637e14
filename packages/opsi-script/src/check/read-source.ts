import { loadSource, type Source } from "../language/source.ts";
import { toText } from "../text/bytes.ts";

const absent = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

/**
 * The script file at a path given as a byte string; `null` when there is none.
 *
 * @throws system errors of reading a file that is there
 */
export function readSource(path: string): Source | null {
  try {
    return loadSource(toText(path));
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}
