import type { IncludeFolders } from "../language/include-paths.ts";
import { functionNesting, headerName, type ScriptText } from "../language/script-text.ts";
import type { Source, SourceLine } from "../language/source.ts";
import type { Statement } from "../language/syntax.ts";
import { toText, trim } from "../text/bytes.ts";
import type { CheckOptions } from "./check-script.ts";
import { type Diagnostic, type Place, type ProblemCode, problemCodes, rangeOf, type Severity } from "./diagnostic.ts";
import { type Branch, Scope, type ScriptSymbol } from "./symbols.ts";

/** What to do about a problem: a sentence, or the name that was probably meant. */
export type Hint = string | { readonly instead: string } | null;

function describeHint(hint: Hint): Pick<Diagnostic, "hint" | "instead"> {
  if (hint === null) return { hint: null, instead: null };
  if (typeof hint === "string") return { hint: toText(hint), instead: null };
  const instead = toText(hint.instead);
  return { hint: `Did you mean ${instead}?`, instead };
}

/** Reads a script file, given as a byte string; `null` when there is none. */
export type ReadSource = (path: string) => Source | null;

/** A function that the script defines. */
export interface FunctionInfo {
  readonly symbol: ScriptSymbol;
  readonly statement: Statement & { kind: "deffunc" };
  readonly text: ScriptText;
  /** Scope of the function around the definition; `null` outside of functions. */
  readonly outer: Scope | null;
}

/** Where something stands, and what can be seen there. */
export interface Spot {
  readonly line: SourceLine;
  /** Position in the line of the text to which spans refer. */
  readonly offset: number;
  readonly scope: Scope;
  readonly branch: Branch;
  /** The function whose sections are found first. */
  readonly functionText: ScriptText | null;
  /** Names of loops whose values are put into this text before it is understood. */
  readonly loops: readonly string[];
}

/** A name that is not known where it is used; whether it is known at all shows at the end. */
interface Unknown {
  readonly kind: "variable" | "function" | "statement";
  readonly key: string;
  readonly name: string;
  readonly place: Place;
  readonly severity: Severity;
  readonly scope: Scope;
  /** The walk came here in the order in which lines are executed. */
  readonly isOrdered: boolean;
}

/** The name of a file in a script, and the file. */
export interface FileLink {
  readonly place: Place;
  readonly path: string;
}

/** Including goes on for ever where files include each other; this many lines are more than any script has. */
const mostLines = 1_000_000;

/** A long line with a mistake in each word says the same all the time, and shows itself each time. */
const mostInLine = 50;

/** What the check of one script knows by now. */
export class Program {
  readonly folders: IncludeFolders;
  readonly read: ReadSource;
  readonly findIgnoringCase: (path: string) => string | null;
  readonly globals = new Scope(null);
  readonly functions = new Map<string, FunctionInfo>();
  readonly texts: ScriptText[] = [];
  readonly sections = new Map<string, ScriptSymbol>();
  readonly symbols: ScriptSymbol[] = [];
  readonly unknowns: Unknown[] = [];
  readonly missingSections: Omit<Unknown, "kind" | "scope" | "isOrdered">[] = [];
  readonly files = new Map<string, Source>();
  /** Where files are named that were found. */
  readonly links: FileLink[] = [];
  readonly diagnostics: Diagnostic[] = [];
  /** Some names may come from files that are not known: unknown ones are not complained about. */
  isOpen = false;
  /** Sections are called whose names are known only when the script runs. */
  callsAnySection = false;
  /** `FatalOnSyntaxError`, as far as the walk has come. */
  syntaxErrorsAreFatal = true;
  /** The lines that are looked at can be executed. */
  isReachable = true;
  /** The script is on the client, and every branch counts: for the interpreter's own test of the syntax. */
  readonly everyBranch: boolean;
  /** What no line has called is looked at, in any order. */
  isInTheRest = false;
  #linesLeft = mostLines;
  /** Index of what was reported, by place and code. */
  readonly #reported = new Map<string, number>();
  readonly #reportedInLine = new Map<SourceLine, number>();

  constructor(folders: IncludeFolders, options: Pick<CheckOptions, "read" | "findIgnoringCase" | "everyBranch">) {
    this.folders = folders;
    this.read = options.read;
    this.findIgnoringCase = options.findIgnoringCase ?? (() => null);
    this.everyBranch = options.everyBranch ?? false;
  }

  /** A mistake in the lines that are looked at would end the script. */
  get mistakesEndScript(): boolean {
    return this.everyBranch || (this.isReachable && this.syntaxErrorsAreFatal);
  }

  severityOf(code: ProblemCode): Severity {
    const { severity } = problemCodes[code];
    return severity === "error" && !this.mistakesEndScript ? "warning" : severity;
  }

  /** Of several reports of the same, one that is an error counts. */
  report(code: ProblemCode, place: Place, message: string, hint: Hint = null, severity?: Severity): void {
    const inLine = (this.#reportedInLine.get(place.line) ?? 0) + 1;
    if (inLine > mostInLine) return;
    const diagnostic: Diagnostic = {
      ...rangeOf(place),
      severity: severity ?? this.severityOf(code),
      code,
      message: toText(message),
      ...describeHint(hint),
      text: toText(place.line.text),
    };
    const key = `${place.line.file}:${place.line.line}:${place.start}:${code}`;
    const known = this.#reported.get(key);
    if (known !== undefined) {
      if (diagnostic.severity === "error") this.diagnostics[known] = diagnostic;
      return;
    }
    this.#reportedInLine.set(place.line, inLine);
    this.#reported.set(key, this.diagnostics.push(diagnostic) - 1);
  }

  /** Remembers a file and says what is wrong with its encoding. */
  addFile(path: string, source: Source): void {
    this.files.set(path, source);
    const [line] = source.lines;
    if (source.warning === null || !line) return;
    const hint = "Put encoding=utf8 (or what it is) into the first line.";
    this.report("encoding", { line, start: 0, end: line.text.length }, source.warning, hint);
  }

  /** False when more lines were looked at than a script can have. */
  mayGoOn(lines: number): boolean {
    this.#linesLeft -= lines;
    return this.#linesLeft > 0;
  }

  /** Makes the sections of a text known. */
  addText(text: ScriptText): void {
    this.texts.push(text);
    let nesting = 0;
    for (const line of text.lines) {
      nesting = Math.max(0, nesting + functionNesting(line.text));
      const name = headerName(line.text);
      if (name !== null) this.#addSection(name, line, nesting > 0);
    }
  }

  #addSection(key: string, line: SourceLine, isInFunction: boolean): void {
    const start = line.text.indexOf("[") + 1;
    const end = line.text.lastIndexOf("]");
    const place = { line, start, end };
    const known = this.sections.get(key);
    if (!known) {
      const name = trim(line.text.slice(start, end));
      const symbol: ScriptSymbol = {
        kind: "section",
        name,
        definition: place,
        uses: [],
        isLoop: false,
        signature: null,
      };
      this.sections.set(key, symbol);
      this.symbols.push(symbol);
      return;
    }
    const first = known.definition.line;
    if (isInFunction || first.file !== line.file || first.line === line.line) return;
    const message = `There is a section [${known.name}] in line ${first.line} already`;
    this.report("unreachable", place, message, "The first section of a name is used, this one never.");
  }

  /** The lines of a section as the interpreter would find them; `null` when it is missing or empty. */
  findSection(name: string, functionText: ScriptText | null): SourceLine[] | null {
    const inFunction = functionText?.section(name);
    if (inFunction) return inFunction;
    for (const text of this.texts) {
      const found = text.section(name);
      if (found) return found;
    }
    return null;
  }

  unknown(kind: Unknown["kind"], key: string, name: string, place: Place, scope: Scope): void {
    const severity = this.severityOf("undefined-variable");
    this.unknowns.push({ kind, key, name, place, severity, scope, isOrdered: !this.isInTheRest });
  }
}

/** A part of the text that the spot is about, without the blanks behind it. */
export function placeAt({ line, offset }: Spot, span: { start: number; end: number }): Place {
  const start = offset + span.start;
  let end = offset + span.end;
  while (end > start && line.text.charCodeAt(end - 1) <= 32) end--;
  return { line, start, end };
}

/** The statement of a spot, from its first to its last letter. */
export const wholeLine = (spot: Spot): Place => placeAt(spot, { start: 0, end: spot.line.text.length - spot.offset });
