import { ScriptText } from "../language/script-text.ts";
import { isSub, type SectionType, sectionTypeOf } from "../language/section-types.ts";
import { lowerAscii } from "../text/bytes.ts";
import { type Calls, ExpressionCheck } from "./expression-check.ts";
import { type FoundFile, IncludeCheck } from "./include-check.ts";
import { type FunctionInfo, type Program, placeAt, type Spot } from "./program.ts";
import { checkContent } from "./section-content.ts";
import { SectionWalk, type Walked } from "./section-walk.ts";
import { StatementCheck } from "./statement-check.ts";
import { type Branch, Scope, type ScriptSymbol } from "./symbols.ts";

/** Calls that lead deeper are followed afterwards: the stack of the checker has an end. */
const deepest = 100;

/** Follows a script from its first line into every section, function and file that it calls, into each of them once. */
export class ScriptWalk implements Calls {
  readonly program: Program;
  readonly expressions: ExpressionCheck;
  readonly includes: IncludeCheck;
  readonly statements: StatementCheck;
  /** Sections and files, by the scope in which they were looked at, as they see the variables of the running function; with whether
   * mistakes in them ended the script. */
  readonly #visited = new Map<Scope, Map<string, boolean>>();
  readonly #everVisited = new Set<string>();
  readonly #entered = new Map<FunctionInfo, boolean>();
  readonly #later: (() => void)[] = [];
  /** The file that includes a file. */
  readonly #includers = new Map<string, string>();
  #depth = 0;

  constructor(program: Program) {
    this.program = program;
    this.expressions = new ExpressionCheck(program, this);
    this.includes = new IncludeCheck(program);
    this.statements = new StatementCheck(this);
  }

  run(walked: Walked): void {
    if (this.#depth >= deepest) {
      const { isReachable, syntaxErrorsAreFatal } = this.program;
      this.#later.push(() => {
        Object.assign(this.program, { isReachable, syntaxErrorsAreFatal });
        this.run(walked);
      });
      return;
    }
    this.#depth++;
    new SectionWalk(this, walked).run();
    this.#depth--;
    if (this.#depth > 0) return;
    for (let next = this.#later.shift(); next; next = this.#later.shift()) next();
  }

  /** A section by its name; false when the script has none. */
  enter(name: string, scope: Scope, branch: Branch, spot: Spot | null = null): boolean {
    const functionText = spot?.functionText ?? null;
    const lines = this.program.findSection(name, functionText);
    if (!lines) return false;
    if (!this.#isFirstVisit(lowerAscii(name), scope)) return true;
    // the value of a loop is put into the section that the loop calls, and not further
    const { name: title = name } = this.program.sections.get(lowerAscii(name)) ?? {};
    this.run({ name: `[${title}]`, lines, scope, branch, functionText, loops: spot?.loops ?? [] });
    return true;
  }

  enterFunction(info: FunctionInfo, spot: Pick<Spot, "branch">): void {
    const ends = this.program.mistakesEndScript;
    const entered = this.#entered.get(info);
    if (entered === true || entered === ends) return;
    this.#entered.set(info, ends);
    const { statement, text, symbol } = info;
    const scope = new Scope(info.outer ?? this.program.globals);
    const { line } = symbol.definition;
    const branch: Branch = { parent: spot.branch };
    const offset = symbol.definition.start - statement.at;
    const header: Spot = { line, offset, scope, branch, functionText: text, loops: [] };
    for (const parameter of statement.parameters) this.statements.declareParameter(parameter, header);
    if (statement.returns !== "void") {
      // it is defined nowhere, so it is no symbol that could be found or renamed
      const result: ScriptSymbol = { ...symbol, kind: statement.returns, name: "$result$", uses: [] };
      scope.variables.set("$result$", { symbol: result, branch, literal: null });
    }
    this.run({ name: statement.name, lines: text.lines, scope, branch, functionText: text, loops: [] });
  }

  callSection(type: SectionType, name: string, at: { start: number; end: number }, spot: Spot): void {
    if (!this.useSection(name, at, spot)) return;
    if (isSub(type)) {
      this.enter(name, spot.scope, spot.branch, spot);
      return;
    }
    const lines = this.program.findSection(name, spot.functionText);
    if (lines && this.#isFirstVisit(lowerAscii(name), spot.scope)) checkContent(this.program, type, lines, spot);
  }

  /** True when the section is there; complains otherwise. */
  useSection(name: string, at: { start: number; end: number }, spot: Spot): boolean {
    const { program } = this;
    const key = lowerAscii(name);
    if (name.includes("%") || spot.loops.some((loop) => name.includes(loop))) {
      program.callsAnySection = true;
      return false;
    }
    const place = placeAt(spot, at);
    const symbol = program.sections.get(key);
    symbol?.uses.push(place);
    if (program.findSection(name, spot.functionText)) return true;
    if (symbol) {
      program.report("missing-section", place, `The section [${symbol.name}] is empty: this call does nothing`);
    } else if (!program.isOpen) {
      program.missingSections.push({ key, name, place, severity: program.severityOf("missing-section") });
    }
    return false;
  }

  /** The statements of an external file; its sections can be called from now on. */
  runFile({ path, source }: FoundFile, spot: Spot): void {
    if (!this.#isFirstVisit(`file ${path}`, spot.scope)) return;
    this.addFile({ path, source });
    const { scope, branch, functionText } = spot;
    this.run({ name: path, lines: source.lines, scope, branch, functionText, loops: [] });
  }

  /** Makes the sections of a file known. */
  addFile({ path, source }: FoundFile): void {
    if (this.#isFirstVisit(`text ${path}`, this.program.globals)) this.program.addText(new ScriptText(source.lines));
  }

  /** Notes that a file includes another one; true when that one includes the first, directly or not. */
  isIncludedBy(file: string, includer: string): boolean {
    for (let above: string | undefined = includer; above !== undefined; above = this.#includers.get(above)) {
      if (above === file) return true;
    }
    this.#includers.set(file, includer);
    return false;
  }

  /** What no line has called: mistakes in it are told, but stop nothing unless the text is there to be included. */
  enterTheRest(isFragment: boolean, branch: Branch): void {
    const { program } = this;
    program.isInTheRest = true;
    program.isReachable = isFragment;
    program.syntaxErrorsAreFatal = true;
    for (const [name] of program.sections) {
      if (isSub(sectionTypeOf(name)) && !this.#everVisited.has(name)) this.enter(name, program.globals, branch);
    }
    for (const info of program.functions.values()) this.enterFunction(info, { branch });
  }

  /** What was only looked at where mistakes end nothing is looked at again where they do. */
  #isFirstVisit(key: string, scope: Scope): boolean {
    const visited = this.#visited.get(scope) ?? new Map<string, boolean>();
    this.#visited.set(scope, visited);
    const ends = this.program.mistakesEndScript;
    const known = visited.get(key);
    if (known === true || known === ends) return false;
    visited.set(key, ends);
    this.#everVisited.add(key);
    return true;
  }
}
