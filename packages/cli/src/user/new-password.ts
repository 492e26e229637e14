import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Context } from "../context.ts";
import { UsageError } from "../usage-error.ts";

/** The option of commands that set a password: no password stands on the command line, where everybody can read it. */
export const newPasswordOption = {
  newPasswordFile: {
    flags: "--new-password-file <file>",
    doc: "first line of this file is the new password, - for stdin; without it the password is asked",
    complete: "file",
  },
} as const;

/** @throws UsageError for an empty password, two that differ, or when nobody can be asked */
export async function newPassword(context: Context, name: string, file: string | undefined): Promise<string> {
  const password = file === undefined ? await askTwice(context, name) : await firstLine(context, file);
  if (password === "") throw new UsageError("The new password is empty");
  return password;
}

async function askTwice({ ask, interactive }: Context, name: string): Promise<string> {
  if (!interactive) throw new UsageError("No new password: give --new-password-file; it is asked only on a terminal");
  const password = await ask(`New password of ${name}:`, { secret: true });
  if (password !== (await ask("Once more:", { secret: true }))) throw new UsageError("The two passwords differ");
  return password;
}

async function firstLine({ surroundings, path }: Context, file: string): Promise<string> {
  const content = file === "-" ? await text(surroundings.stdin) : await readFile(path(file), "utf8");
  return content.split(/\r?\n/, 1)[0] ?? "";
}
