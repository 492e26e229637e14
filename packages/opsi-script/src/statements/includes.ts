import { statOf } from "../files/file-content.ts";
import { type IncludeFolders, includePaths, libraryPaths } from "../language/include-paths.ts";
import { FatalProblem, reasonOf } from "../language/problems.ts";
import { onlyFunction, ScriptText } from "../language/script-text.ts";
import { loadSource, type Source, type SourceLine } from "../language/source.ts";
import { level } from "../log/log.ts";
import type { Interpreter } from "../run/interpreter.ts";
import { lowerAscii, toText, trim, trimStart } from "../text/bytes.ts";

const isFile = (path: string) => statOf(path)?.isFile() === true;

/** Where the running script's includes are. */
export function foldersOf({ platform, settings, constants }: Interpreter): IncludeFolders {
  return {
    isWindows: platform.system === "windows",
    script: settings.scriptPath,
    libraries: [`${constants.get("OpsiscriptDir") ?? ""}/lib`, ...platform.folders.libraries],
  };
}

/** The first existing file of the search path; `null` when there is none (language §2.4). */
export const findInclude = (interpreter: Interpreter, given: string): string | null =>
  includePaths(foldersOf(interpreter), given, false).find(isFile) ?? null;

export const findLibrary = (interpreter: Interpreter, name: string): string | null =>
  libraryPaths(foldersOf(interpreter), name).find(isFile) ?? null;

/**
 * A file that was found (byte string).
 *
 * @throws FatalProblem when the system does not let us read it
 */
export function loadFound(path: string, library = false): Source {
  try {
    return loadSource(toText(path), library);
  } catch (error) {
    throw new FatalProblem(`File cannot be read: ${reasonOf(error)}`);
  }
}

function load(interpreter: Interpreter, path: string, library: boolean): SourceLine[] {
  const { lines, warning } = loadFound(path, library);
  if (warning !== null) interpreter.log.write(level.info, `${path}: ${warning}`);
  return lines;
}

/** A section with more lines includes a file that includes itself. */
const mostLines = 100_000;

/** Inserts behind the line in work; the running section is from now on searched for sections too, before others. */
function insert(interpreter: Interpreter, lines: readonly SourceLine[]): void {
  const { running, included } = interpreter;
  if (!running) return;
  if (running.lines.length + lines.length > mostLines)
    throw new FatalProblem(`${running.name} has more than ${mostLines} lines with what it includes`);
  const behind = running.lines.splice(running.position + 1);
  for (const line of lines) running.lines.push(line); // as arguments of one call they may be too many
  for (const line of behind) running.lines.push(line);
  const known = included.findIndex((text) => text.lines === running.lines);
  included.push(...(known < 0 ? [new ScriptText(running.lines)] : included.splice(known, 1)));
}

export function includeInsert(interpreter: Interpreter, file: string): void {
  const path = findInclude(interpreter, file);
  if (path === null) throw new FatalProblem(`include_insert: file not found: ${file}`);
  interpreter.log.write(level.info, `include_insert: ${path}`);
  insert(interpreter, load(interpreter, path, false));
}

/** Encoding lines of the file would be sections' content otherwise: they become comments. */
export function includeAppend(interpreter: Interpreter, file: string): void {
  const path = findInclude(interpreter, file);
  if (path === null) throw new FatalProblem(`include_append: file not found: ${file}`);
  interpreter.log.write(level.info, `include_append: ${path}`);
  const lines = load(interpreter, path, false).map((line) =>
    lowerAscii(trimStart(line.text)).startsWith("encoding") ? { ...line, text: `;${line.text}` } : line,
  );
  interpreter.script.append(lines);
}

/** `file` or `file::function`. */
export function importLibrary(interpreter: Interpreter, given: string): void {
  const at = given.indexOf("::");
  const name = at < 0 ? given : given.slice(0, at);
  const path = findLibrary(interpreter, name);
  if (path === null) throw new FatalProblem(`importLib: file not found: ${name}`);
  interpreter.log.write(level.info, `importLib: ${path}`);
  const lines = load(interpreter, path, true).map((line) => ({
    ...line,
    text: interpreter.constants.replace(line.text),
  }));
  insert(interpreter, at < 0 ? lines : onlyFunction(lines, trim(given.slice(at + 2))));
}
