import { readdirSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import type { Source } from "../language/source.ts";
import { toBytes, toText } from "../text/bytes.ts";
import { checkScript, isFragment } from "./check-script.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { findIgnoringCase, readSource } from "./read-source.ts";

const extensions: ReadonlySet<string> = new Set([".opsiscript", ".opsi", ".ins", ".opsiinc", ".opsifunc"]);

/** Where the libraries are that come with the interpreter, and those that are installed. */
export const libraryFolders = [toBytes(resolve(import.meta.dirname, "../../lib")), "/usr/share/opsi-script/lib"];

export interface FilesChecked {
  readonly diagnostics: readonly Diagnostic[];
  /** How many files were looked at, included ones as well. */
  readonly files: number;
}

/**
 * Checks scripts, and all scripts in folders. What others include is checked with them and not by itself.
 *
 * @throws Error with the path of a file or folder that cannot be read
 */
export function checkFiles(paths: readonly string[]): FilesChecked {
  const sources = new Map<string, Source>();
  for (const path of paths) {
    for (const file of scriptsIn(path)) {
      const source = readSource(toBytes(file));
      if (!source) throw new Error(`${file}: no file that can be read`);
      sources.set(toBytes(file), source);
    }
  }
  const seen = new Set<string>();
  const found = new Map<string, Diagnostic>();
  const check = (path: string, source: Source) => {
    const options = { read: readSource, findIgnoringCase, libraries: libraryFolders };
    const { diagnostics, files } = checkScript(path, source, options);
    for (const file of files.keys()) seen.add(resolve(toText(file)));
    for (const diagnostic of diagnostics) {
      const { file, line, column, code } = diagnostic;
      found.set(`${resolve(file)}:${line}:${column}:${code}`, diagnostic);
    }
  };
  const [fragments, scripts] = [[...sources].filter(([, source]) => isFragment(source)), [...sources]];
  for (const [path, source] of scripts) if (!isFragment(source)) check(path, source);
  for (const [path, source] of fragments) if (!seen.has(resolve(toText(path)))) check(path, source);
  return { diagnostics: [...found.values()], files: seen.size };
}

/** The scripts in a folder; a file that is named is taken whatever it is called. */
export function scriptsIn(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && extensions.has(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
