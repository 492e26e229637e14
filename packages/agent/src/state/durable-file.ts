import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "@opsi-ts/protocol";

/**
 * Writes a file whole or not at all: temporary file beside it, fsync, rename, fsync of the folder. A crash leaves the
 * old content, at worst with a forgotten `.tmp` beside it that the next write replaces.
 *
 * @param mode permissions of the file; everything that the agent writes is for root alone unless said otherwise
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await using file = await open(temporary, "w", mode);
    await file.writeFile(content);
    await file.chmod(mode);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await moveDurably(temporary, path);
}

/** Gives a file, whose content is on the disk, its final name for good. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Removes a file so that it does not come back after a power failure. One that is not there is fine. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}
