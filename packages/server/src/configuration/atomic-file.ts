import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes a small file so that a crash leaves the old or the new content, nothing between: temporary file beside it,
 * fsync, rename. The temporary name starts with a dot. A file that is there keeps its owner as far as we may say so,
 * and stays where a link leads to.
 *
 * @param mode permissions; without it those of the file that is there, 0660 for a new one
 */
export function writeFileAtomically(path: string, content: string | Uint8Array, mode?: number): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  const target = existing === undefined ? path : realpathSync(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  const wanted = mode ?? (existing === undefined ? 0o660 : existing.mode & 0o777);
  const file = openSync(temporary, "wx", wanted);
  try {
    try {
      if (existing !== undefined) keepOwner(file, existing);
      fchmodSync(file, wanted); // the umask must not take group rights away
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Only root may give files away; who is not may still give them to a group of his. */
function keepOwner(file: number, { uid, gid }: Stats): void {
  for (const owner of [uid, -1]) {
    try {
      fchownSync(file, owner, gid);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EPERM")) throw error;
    }
  }
}
