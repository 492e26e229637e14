import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readLines } from "../files/file-content.ts";
import { expandPath } from "../files/file-paths.ts";
import { reasonOf } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { encode } from "../text/encodings.ts";
import { missingFileName, optionValue, readFileName, type SectionCall } from "./section.ts";

/** The file that a section's parameters name, with its encoding; a missing one is made. */
export function readNamedFile(call: SectionCall, usualEncoding: string) {
  const { file, rest } = readFileName(call);
  if (file === "") throw missingFileName(call);
  const encoding = optionValue(call, rest, "/encoding") ?? usualEncoding;
  return { file, encoding, ...readTextFile(call.context, file, encoding) };
}

/** Reads the file that a section patches; a missing one is made at once, with its directory. */
export function readTextFile(
  context: Context,
  file: string,
  encoding: string,
): { readonly lines: string[]; readonly path: string } {
  const path = toText(expandPath(file));
  try {
    return { lines: readLines(file, encoding), path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  context.log.write(level.info, `${file} does not exist, it is created`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  return { lines: [], path };
}

/** Writes the lines with the system's line ends. A file that cannot be written is an error of the script. */
export function writeTextFile(context: Context, path: string, lines: readonly string[], encoding: string): boolean {
  const end = process.platform === "win32" ? "\r\n" : "\n";
  try {
    writeFileSync(path, encode(lines.map((line) => line + end).join(""), encoding));
    return true;
  } catch (error) {
    context.error(`${toBytes(path)} could not be written: ${reasonOf(error)}`);
    return false;
  }
}
