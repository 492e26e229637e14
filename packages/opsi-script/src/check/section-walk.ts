import { parseLine } from "../language/parser.ts";
import { functionNesting, headerName, ScriptText } from "../language/script-text.ts";
import { sectionTypeOf } from "../language/section-types.ts";
import type { SourceLine } from "../language/source.ts";
import type { Statement } from "../language/syntax.ts";
import { trim, trimStart } from "../text/bytes.ts";
import { Blocks } from "./blocks.ts";
import { placeAt, type Spot, wholeLine } from "./program.ts";
import type { ScriptWalk } from "./script-walk.ts";
import type { Branch, Scope, ScriptSymbol } from "./symbols.ts";

/** Lines that are executed one after the other: a section, a function, an external file. */
export interface Walked {
  readonly name: string;
  readonly lines: readonly SourceLine[];
  readonly scope: Scope;
  readonly branch: Branch;
  readonly functionText: ScriptText | null;
  readonly loops: readonly string[];
}

/** Statements behind which nothing of the script is executed. */
const endings = new Set(["issuccess", "issuspended", "isdeferred", "isfatalerror", "exitscript"]);

/** What is looked at between the cases of a switch; conditions are not even counted there. */
const switchKinds: ReadonlySet<Statement["kind"]> = new Set([
  ...(["switch", "case", "defaultcase", "endcase", "endswitch"] as const),
]);

/** Follows the lines of one section as the runner does, but into every branch. */
export class SectionWalk {
  readonly #walk: ScriptWalk;
  readonly #walked: Walked;
  readonly #blocks: Blocks;
  /** Included files are inserted here, as the interpreter does. */
  #lines: readonly SourceLine[];
  #position = 0;
  #toldEnd = false;

  constructor(walk: ScriptWalk, walked: Walked) {
    this.#walk = walk;
    this.#walked = walked;
    this.#lines = walked.lines;
    this.#blocks = new Blocks(walk.program, walked.branch);
  }

  run(): void {
    const { program } = this.#walk;
    const wasReachable = program.isReachable;
    if (!this.#mayGoOn(this.#lines)) return;
    for (; this.#position < this.#lines.length; this.#position++) {
      const line = this.#lines[this.#position];
      if (!line) break;
      const text = trim(line.text);
      if (text === "" || text[0] === ";") continue;
      if (text[0] === "[") {
        this.#endedByInclude(line);
        break;
      }
      program.isReachable = wasReachable && this.#blocks.end === null;
      this.#statement(parseLine(text), line);
    }
    program.isReachable = wasReachable;
    this.#blocks.finish(this.#walked.name);
  }

  #statement(statement: Statement, line: SourceLine): void {
    const { scope, functionText, loops } = this.#walked;
    const offset = line.text.length - trimStart(line.text).length;
    const spot: Spot = { line, offset, scope, functionText, loops, branch: this.#blocks.branch };
    const { statements, program } = this.#walk;
    if (this.#blocks.isBetweenCases && !switchKinds.has(statement.kind)) {
      if (statement.kind === "nothing") return;
      program.report("unreachable", wholeLine(spot), "Lines between the cases of a Switch are never executed");
      return;
    }
    if (this.#blocks.follow(statement, spot)) {
      statements.check(statement, spot);
      return;
    }
    this.#tellUnreachable(statement, spot);
    if (statement.kind === "deffunc") {
      this.#defineFunction(statement, spot);
      return;
    }
    if (statement.kind === "endfunc") {
      program.report("open-block", wholeLine(spot), "EndFunc without DefFunc");
      return;
    }
    statements.check(statement, spot);
    if (statement.kind === "invalid" && functionNesting(line.text) > 0) {
      this.#position = this.#endOfFunction() ?? this.#position; // one mistake, not one for each line of the body
      return;
    }
    if (statement.kind === "command") this.#include(statement, spot);
    if ((statement.kind === "simple" || statement.kind === "command") && endings.has(statement.which)) {
      this.#blocks.end ??= `${trim(line.text).split(/[ \t]/)[0]} in line ${line.line} ends the script`;
    }
  }

  #tellUnreachable(statement: Statement, spot: Spot): void {
    const { program } = this.#walk;
    if (statement.kind === "nothing") return;
    if (this.#blocks.end === null) this.#toldEnd = false;
    else if (!this.#toldEnd) {
      this.#toldEnd = true;
      program.report("unreachable", wholeLine(spot), `This line is never executed: ${this.#blocks.end}`);
    }
  }

  #defineFunction(statement: Statement & { kind: "deffunc" }, spot: Spot): void {
    const { program } = this.#walk;
    const start = this.#position + 1;
    const end = this.#endOfFunction();
    if (end === null) {
      program.report("open-block", wholeLine(spot), `EndFunc expected: ${statement.name} is not closed`);
      return;
    }
    this.#position = end;
    const { name, key, at } = statement;
    const place = placeAt(spot, { start: at, end: at + name.length });
    if (sectionTypeOf(key) !== null) {
      program.report("reserved-name", place, `${name} begins like a section type`, "Choose another name.");
      return;
    }
    const known = program.functions.get(key);
    if (known) {
      const { line } = known.symbol.definition;
      if (line.file === place.line.file && line.line === place.line.line) return; // the library was imported before
      const text = `${name} is already defined in line ${line.line} of ${line.file}`;
      program.report("double-definition", place, text, "The first definition stays.", "warning");
      return;
    }
    const symbol: ScriptSymbol = {
      kind: "function",
      name,
      definition: place,
      uses: [],
      isLoop: false,
      signature: statement,
    };
    program.symbols.push(symbol);
    const outer = spot.scope.outer === null ? null : spot.scope;
    const text = new ScriptText(this.#lines.slice(start, end));
    program.functions.set(key, { symbol, statement, text, outer });
  }

  /** Index of the line with the EndFunc of the function that begins here; `null` when it has none. */
  #endOfFunction(): number | null {
    let nesting = 1;
    for (let index = this.#position + 1; index < this.#lines.length; index++) {
      nesting += functionNesting(this.#lines[index]?.text ?? "");
      if (nesting === 0) return index;
    }
    return null;
  }

  #include({ which, arguments: [argument] }: Statement & { kind: "command" }, spot: Spot): void {
    const { program, includes } = this.#walk;
    if (!argument || !["include_insert", "include_append", "importlib"].includes(which)) return;
    if (which === "include_append") {
      const found = includes.find(argument, spot);
      if (found) this.#walk.addFile(found);
      return;
    }
    const lines =
      which === "importlib" ? includes.library(argument, spot) : (includes.find(argument, spot)?.source.lines ?? []);
    const [first] = lines;
    if (!first || !this.#mayGoOn(lines)) return;
    if (this.#walk.isIncludedBy(first.file, spot.line.file)) {
      const severity = this.#blocks.isInBlock ? "warning" : undefined;
      program.report("circular-include", wholeLine(spot), `${first.file} includes itself`, null, severity);
      return;
    }
    const next = this.#position + 1;
    this.#lines = [...this.#lines.slice(0, next), ...lines, ...this.#lines.slice(next)];
    if (lines.some(({ text }) => headerName(text) !== null)) program.addText(new ScriptText([...this.#lines]));
  }

  #mayGoOn(lines: readonly SourceLine[]): boolean {
    const { program } = this.#walk;
    const [line] = lines;
    if (program.mayGoOn(lines.length)) return true;
    if (line) {
      const text = "The script is too large with what it includes: it is not checked from here on";
      program.report("unknown-at-check", { line, start: 0, end: line.text.length }, text);
    }
    return false;
  }

  /** Behind a file with sections the rest of this section belongs to the last one of them. */
  #endedByInclude(header: SourceLine): void {
    const own = this.#walked.lines[0];
    if (!own || header.file === own.file) return;
    const isOwn = ({ file, text }: SourceLine) => file === own.file && !/^\s*(;|$)/.test(text);
    const next = this.#lines.slice(this.#position).find(isOwn);
    if (!next) return;
    const place = { line: next, start: 0, end: next.text.length };
    const text = `This line is never executed as part of ${this.#walked.name}: ${header.file} has sections, which end it`;
    this.#walk.program.report("unreachable", place, text, "Put the include_insert at the end, or use include_append.");
  }
}
