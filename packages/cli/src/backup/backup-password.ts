import { readFile } from "node:fs/promises";
import type { Context } from "../context.ts";
import { UsageError } from "../usage-error.ts";

export const backupPasswordOption = {
  backupPasswordFile: {
    flags: "--backup-password-file <file>",
    doc: "first line of this file is the password of the backup; without it the backup is not encrypted",
    complete: "file",
  },
} as const;

/** Null where the backup has no password. @throws UsageError for a file with an empty first line */
export async function backupPassword(
  { path }: Pick<Context, "path">,
  file: string | undefined,
): Promise<string | null> {
  if (file === undefined) return null;
  const password = (await readFile(path(file), "utf8")).split(/\r?\n/, 1)[0] ?? "";
  if (password === "") throw new UsageError(`The first line of ${file} is empty`);
  return password;
}
