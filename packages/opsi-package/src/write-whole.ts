import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";

export interface WriteWholeOptions {
  /** Name until the file is complete, in the same folder. */
  readonly unfinished?: string;
  readonly mode?: number;
}

/**
 * Lets something be written beside the target and renames it at the end, with the data on the disk: a crash leaves the
 * old file or the new.
 */
export async function writeWhole(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  { unfinished = `${path}.${randomUUID()}`, mode = 0o666 }: WriteWholeOptions = {},
): Promise<void> {
  try {
    {
      await using file = await open(unfinished, "wx+", mode);
      await write(file);
      await file.sync();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Writes all of it, however little the disk takes at once. Returns the position behind it. */
export async function writeAt(file: FileHandle, data: Uint8Array, position: number): Promise<number> {
  for (let written = 0; written < data.length; ) {
    written += (await file.write(data, written, data.length - written, position + written)).bytesWritten;
  }
  return position + data.length;
}

/** Writes a small file as `writeWhole` does. */
export const writeDurably = (path: string, content: string | Uint8Array, options?: WriteWholeOptions): Promise<void> =>
  writeWhole(path, (file) => file.writeFile(content), options);
