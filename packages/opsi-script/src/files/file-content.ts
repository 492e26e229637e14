import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readSync, type Stats, statSync } from "node:fs";
import { splitLines, toText } from "../text/bytes.ts";
import { decode } from "../text/encodings.ts";
import { expandPath } from "./file-paths.ts";

/**
 * What is at a path (byte string); `undefined` also where the system does not let us look, and for texts that can be no
 * path: for a script all of that is simply not there.
 */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(toText(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The entries of a directory (Unicode text); none where it cannot be read. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * The text of a file that a script names. Byte strings.
 *
 * @throws system errors of reading
 */
export const readText = (file: string, encoding: string): string =>
  decode(readFileSync(toText(expandPath(file))), encoding);

export const readLines = (file: string, encoding: string): string[] => splitLines(readText(file, encoding));

/** Opens a file (Unicode text) as long as `use` works with it: files may be larger than the memory. */
export function withFile<T>(path: string, flags: "r" | "r+", use: (file: number) => T): T {
  const file = openSync(path, flags);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

/** The bytes of an open file from an offset on, in blocks of at most a mebibyte that share their memory. */
export function* blocksOf(file: number, start = 0): Generator<Buffer> {
  const block = Buffer.allocUnsafe(1024 * 1024);
  for (let offset = start; ; ) {
    const count = readSync(file, block, 0, block.length, offset);
    if (count === 0) return;
    offset += count;
    yield block.subarray(0, count);
  }
}

/** The first bytes of a file, fewer where it is shorter. */
export const readStart = (path: string, count: number): Buffer =>
  withFile(path, "r", (file) => {
    const data = Buffer.alloc(count);
    return data.subarray(0, readSync(file, data));
  });
