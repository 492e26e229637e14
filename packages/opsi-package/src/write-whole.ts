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

/** Writes a small file as `writeWhole` does. */
export const writeDurably = (path: string, content: string | Uint8Array, options?: WriteWholeOptions): Promise<void> =>
  writeWhole(path, (file) => file.writeFile(content), options);
