import { normalize } from "node:path";
import { type IncludeFolders, includePaths, libraryPaths } from "../language/include-paths.ts";
import { onlyFunction } from "../language/script-text.ts";
import type { Source, SourceLine } from "../language/source.ts";
import type { Expression } from "../language/syntax.ts";
import { trim } from "../text/bytes.ts";
import type { Place } from "./diagnostic.ts";
import { type Program, placeAt, type Spot } from "./program.ts";

/** Both delimiters are understood everywhere. */
const native = (path: string, { isWindows }: IncludeFolders) => (isWindows ? path : path.replaceAll("\\", "/"));

const scriptFolder = /%(?:scriptpath|scriptdir|realscriptpath)%/gi;

/** The text of an expression as far as it is known before the script runs; `null` where it is not. */
export function textOf(expression: Expression, spot: Spot): string | null {
  switch (expression.kind) {
    case "text":
      return expression.value;
    case "join": {
      const parts = expression.parts.map((part) => textOf(part, spot));
      return parts.includes(null) ? null : parts.join("");
    }
    case "call":
      return (expression.arguments === null ? spot.scope.find(expression.key)?.literal : null) ?? null;
    default:
      return null;
  }
}

export interface FoundFile {
  readonly path: string;
  readonly source: Source;
}

/** Finds the files that a script names, and says which are missing. */
export class IncludeCheck {
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  /** The file that the expression names; `null` when it is missing or not known. */
  find(expression: Expression, spot: Spot, library = false): FoundFile | null {
    const program = this.#program;
    const { folders } = program;
    const named = textOf(expression, spot);
    const place = placeAt(spot, expression.span);
    const file = native(named?.replace(/::.*/, "").replace(scriptFolder, () => folders.script) ?? "%", folders);
    if (named === null || file.includes("%") || spot.loops.some((loop) => named.includes(loop))) {
      program.isOpen = true;
      const hint = "Its names are not checked.";
      program.report("unknown-at-check", place, "Which file this is shows only when the script runs", hint);
      return null;
    }
    const paths = (library ? libraryPaths(folders, file) : includePaths(folders, file, false)).map((path) =>
      normalize(path),
    );
    const found = this.#read(paths) ?? (this.#belongsToScript(file) ? this.#readIgnoringCase(paths, place) : null);
    if (found) {
      program.links.push({ place, path: found.path });
      return found;
    }
    program.isOpen = true; // its names are no further mistakes
    if (program.everyBranch || (expression.kind === "text" && this.#belongsToScript(file))) {
      const hint = `Looked for below ${folders.script} and in ../lib.`;
      program.report("missing-file", place, `File not found: ${file}`, hint);
    } else {
      program.report("missing-file", place, `This machine has no ${file}`, "The client may have it.", "warning");
    }
    return null;
  }

  /** Relative paths and those below the script; others are places of the client. */
  #belongsToScript(file: string): boolean {
    return !/^(?:[a-z]:|\\\\|\/)/i.test(file) || file.startsWith(this.#program.folders.script);
  }

  /** Lines of a library, of one function only if it is named so. */
  library(expression: Expression, spot: Spot): SourceLine[] {
    const found = this.find(expression, spot, true);
    if (!found) return [];
    const lines = found.source.lines.map((line) => ({ ...line, library: true }));
    const wanted = /::(.*)/.exec(textOf(expression, spot) ?? "")?.[1];
    if (wanted === undefined) return lines;
    const chosen = onlyFunction(lines, trim(wanted));
    if (chosen.length === 0) {
      const text = `${found.path} has no function ${trim(wanted)}`;
      this.#program.report("missing-import", placeAt(spot, expression.span), text);
    }
    return chosen;
  }

  #read(paths: readonly string[]): FoundFile | null {
    for (const path of paths) {
      const known = this.#program.files.get(path);
      const source = known ?? this.#program.read(path);
      if (!source) continue;
      if (!known) this.#program.addFile(path, source);
      return { path, source };
    }
    return null;
  }

  /** Clients with Windows do not mind capitals. */
  #readIgnoringCase(paths: readonly string[], place: Place): FoundFile | null {
    const found = this.#read(paths.flatMap((path) => this.#program.findIgnoringCase(path) ?? []));
    if (!found) return null;
    const text = `The file is spelled ${found.path}: only Windows finds it so`;
    this.#program.report("missing-file", place, text, null, "warning");
    return found;
  }
}
