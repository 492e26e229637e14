import { randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { OpsiError } from "@opsi-ts/model";

/**
 * Lets `fill` fill a new folder beside `target` and puts it in place at the end: whoever looks sees all or nothing.
 * When `fill` fails nothing is left; a killed process leaves a folder `.NAME.unpacking-…`.
 */
export async function fillFolder<T>(
  target: string,
  options: { overwrite?: boolean | undefined },
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const path = resolve(target);
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing && !options.overwrite) throw new OpsiError("FileExistsError", `'${path}' already exists`);
  if (existing?.isDirectory() === false) throw new OpsiError("FileExistsError", `'${path}' is no folder`);
  const beside = (purpose: string) => join(dirname(path), `.${basename(path)}.${purpose}-${randomUUID()}`);
  const folder = beside("unpacking");
  await mkdir(folder);
  try {
    const result = await fill(folder);
    await replaceFolder(folder, path, beside("replaced"));
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two renames: there is a moment without the folder, but never one with half of it. */
async function replaceFolder(folder: string, path: string, old: string): Promise<void> {
  const replaces = existsSync(path);
  if (replaces) await rename(path, old);
  try {
    await rename(folder, path);
  } catch (error) {
    if (replaces) await rename(old, path);
    throw error;
  }
  if (replaces) await rm(old, { recursive: true, force: true });
}
