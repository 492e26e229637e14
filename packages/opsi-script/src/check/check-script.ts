import { dirname } from "node:path";
import { allBuiltins } from "../functions/registry.ts";
import { statementNames } from "../language/parser.ts";
import { headerName, ScriptText } from "../language/script-text.ts";
import { sectionTypes } from "../language/section-types.ts";
import type { Source } from "../language/source.ts";
import { trim } from "../text/bytes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { type FileLink, type Hint, Program, type ReadSource } from "./program.ts";
import { ScriptWalk } from "./script-walk.ts";
import { nearestName } from "./suggest.ts";
import type { Branch, ScriptSymbol } from "./symbols.ts";

export interface CheckOptions {
  readonly read: ReadSource;
  /** A file whose name is spelled with other capitals; without it there are none. */
  readonly findIgnoringCase?: (path: string) => string | null;
  /** Folders of libraries besides those of the script. */
  readonly libraries: readonly string[];
  readonly isWindows?: boolean;
  /** Mistakes count wherever they are, and files have to be on this machine: the interpreter's test of the syntax. */
  readonly everyBranch?: boolean;
}

export interface CheckResult {
  /** By file and line. */
  readonly diagnostics: readonly Diagnostic[];
  readonly symbols: readonly ScriptSymbol[];
  readonly links: readonly FileLink[];
  /** The script and what it includes, by path. */
  readonly files: ReadonlyMap<string, Source>;
}

const starts = ["initial", "actions", "profileactions"];
const mostSuggestions = 200;

/**
 * Checks a script with all that it includes, without running anything: syntax, names, types, sections, files, lines that
 * are never executed. A file without [Actions] is taken as one to be included: names that it does not define itself may
 * come from elsewhere.
 *
 * @param path of the script, a byte string
 * @param source its content
 */
export function checkScript(path: string, source: Source, options: CheckOptions): CheckResult {
  const { libraries, isWindows = false } = options;
  const program = new Program({ isWindows, script: dirname(path), libraries }, options);
  const walk = new ScriptWalk(program);
  const text = new ScriptText(source.lines);
  const branch: Branch = { parent: null };
  program.addFile(path, source);
  program.addText(text);
  const isIncluded = isFragment(source);
  if (isIncluded) {
    program.isOpen = true;
    walk.run({ name: path, lines: text.lines, scope: program.globals, branch, functionText: null, loops: [] });
  } else {
    tellLinesOutside(program, source);
    const initial = program.sections.get("initial");
    if (initial) program.report("deprecated", initial.definition, "The section Initial is deprecated");
    for (const name of starts) walk.enter(name, program.globals, branch);
  }
  tellUnused(program, path, isIncluded);
  walk.enterTheRest(isIncluded, branch);
  resolveUnknown(program);
  const diagnostics = program.diagnostics.toSorted(byPlace);
  const { symbols, links, files } = program;
  return { diagnostics, symbols, links, files };
}

/** A file that no interpreter would start with: it is there to be included. */
export const isFragment = ({ lines }: Source): boolean =>
  !lines.some(({ text }) => starts.includes(headerName(text) ?? ""));

const byPlace = (left: Diagnostic, right: Diagnostic): number =>
  left.file < right.file ? -1 : left.file > right.file ? 1 : left.line - right.line || left.column - right.column;

function tellLinesOutside(program: Program, { lines }: Source): void {
  for (const line of lines) {
    const text = trim(line.text);
    if (text.startsWith("[")) return;
    if (text === "" || text.startsWith(";") || /^encoding[ \t]*=/i.test(text)) continue;
    const place = { line, start: 0, end: line.text.length };
    program.report("unreachable", place, "Lines in front of the first section are never executed");
    return;
  }
}

function tellUnused(program: Program, path: string, isIncluded: boolean): void {
  if (isIncluded || program.callsAnySection || program.isOpen) return;
  for (const [key, { uses, definition, name }] of program.sections) {
    if (starts.includes(key) || uses.length > 0 || definition.line.file !== path) continue;
    program.report("unused-section", definition, `No line calls the section [${name}]`);
  }
}

/** Names that were unknown when they were used: they are defined later, or nowhere. */
function resolveUnknown(program: Program): void {
  let suggestions = 0;
  const suggest = (name: string, names: () => Iterable<string>): Hint => {
    if (++suggestions > mostSuggestions) return null;
    const nearest = nearestName(name, names());
    return nearest === null ? null : { instead: nearest };
  };
  for (const { key, name, place, severity } of program.missingSections) {
    const symbol = program.sections.get(key);
    if (symbol) {
      symbol.uses.push(place);
      const text = `[${symbol.name}] is not known yet here: the file with it is included later`;
      program.report("missing-section", place, text, null, severity);
    } else if (!program.isOpen) {
      const names = () => [...program.sections.values()].map((section) => section.name);
      const text = `There is no section [${name}]: this call does nothing`;
      program.report("missing-section", place, text, suggest(name, names), severity);
    }
  }
  const functions = [...program.functions.values()].map((info) => info.symbol.name);
  const builtins = allBuiltins().map((builtin) => builtin.name);
  for (const { kind, key, name, place, severity, scope, isOrdered } of program.unknowns) {
    const variable = kind === "variable" ? program.globals.variables.get(key)?.symbol : undefined;
    const symbol = variable ?? program.functions.get(key)?.symbol;
    symbol?.uses.push(place);
    if (program.isOpen || (symbol && !isOrdered)) continue;
    if (symbol) {
      const { line } = symbol.definition;
      const where = line.file === place.line.file ? "" : ` of ${line.file}`;
      const text = `${name} is used before line ${line.line}${where} defines it`;
      program.report("use-before-definition", place, text, null, severity);
      continue;
    }
    const names = {
      variable: () => [...scope.names(), ...functions, ...builtins],
      function: () => [...functions, ...builtins],
      statement: () => [...statementNames, ...functions, ...sectionTypes],
    };
    const text = `${kindNames[kind]} ${name} is not defined`;
    program.report(`undefined-${kind}`, place, text, hintFor(kind, name) ?? suggest(name, names[kind]), severity);
  }
}

const kindNames = { variable: "Variable", function: "Function", statement: "Statement" } as const;

function hintFor(kind: string, name: string): string | null {
  return kind === "variable" && /^[+-]?\d+$/.test(name) ? `Numbers are written as texts: "${name}".` : null;
}
