import { randomBytes } from "node:crypto";
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes a small file so that a crash leaves the old or the new content, nothing between: temporary file beside it,
 * fsync, rename. The temporary name starts with a dot.
 *
 * @param mode permissions of the new file
 */
export function writeFileAtomically(path: string, content: string | Uint8Array, mode = 0o660): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  const file = openSync(temporary, "wx", mode);
  try {
    fchmodSync(file, mode); // the umask must not take group rights away
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
  closeSync(file);
  renameSync(temporary, path);
}
