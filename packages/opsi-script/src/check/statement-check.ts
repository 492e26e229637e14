import { Cursor } from "../language/lexer.ts";
import { parseValue } from "../language/parse-expression.ts";
import { callStatements, isReserved, parseLine } from "../language/parser.ts";
import { SyntaxProblem } from "../language/problems.ts";
import { isSub, type SectionType } from "../language/section-types.ts";
import type { Expression, FunctionParameter, Statement, ValueKind } from "../language/syntax.ts";
import { lowerAscii, trimEnd } from "../text/bytes.ts";
import { isDynamic } from "./expression-check.ts";
import { textOf } from "./include-check.ts";
import { placeAt, type Spot, wholeLine } from "./program.ts";
import type { ScriptWalk } from "./script-walk.ts";
import { isWithin, type KnownVariable, type ScriptSymbol } from "./symbols.ts";
import { syntaxHint } from "./syntax-hint.ts";

const notInLoops: ReadonlySet<Statement["kind"]> = new Set([
  ...(["forEach", "forCount", "if", "elseif", "else", "endif", "deffunc", "endfunc"] as const),
  ...(["switch", "case", "defaultcase", "endcase", "endswitch"] as const),
]);

/** Checks what stands in one statement; blocks, definitions of functions and includes are the section's business. */
export class StatementCheck {
  readonly #walk: ScriptWalk;

  constructor(walk: ScriptWalk) {
    this.#walk = walk;
  }

  check(statement: Statement, spot: Spot): void {
    const { expressions, program } = this.#walk;
    switch (statement.kind) {
      case "invalid":
        this.#syntax(statement.message, statement.at, spot);
        return;
      case "set":
        this.#set(statement.name, statement.key, statement.at, statement.value, spot);
        this.#rest(statement.rest, spot);
        return;
      case "define":
        this.#define(statement, spot);
        return;
      case "if":
      case "elseif":
        if (statement.problem !== "") this.#syntax(statement.problem, statement.problemAt, spot);
        else if (statement.condition) expressions.condition(statement.condition, spot);
        return;
      case "switch":
      case "case":
        if (statement.value) expressions.string(statement.value, spot);
        else this.#syntax(statement.problem, statement.problemAt, spot);
        return;
      case "text":
        this.#text(statement, spot);
        return;
      case "forEach":
        expressions.list(statement.list, spot);
        this.#loop(statement, spot);
        return;
      case "forCount":
        expressions.string(statement.from, spot);
        expressions.string(statement.to, spot);
        this.#loop(statement, spot);
        return;
      case "flag":
        if (statement.which === "fatalonsyntaxerror") program.syntaxErrorsAreFatal = isOn(statement.value);
        return;
      case "command":
        for (const argument of statement.arguments) expressions.string(argument, spot);
        if (statement.which === "loglevel") {
          const hint = "SetLogLevel = 6 is the same as LogLevel = 2.";
          program.report("deprecated", wholeLine(spot), "LogLevel is deprecated", hint);
        }
        return;
      case "section":
        this.#section(statement, spot);
        return;
      case "call":
        this.#call(statement, spot);
        return;
      default: // nothing in them to check
    }
  }

  /** Whatever is wrong in a comment: the script goes on (language §3.4). */
  #text({ which, value, problem, problemAt }: Statement & { kind: "text" }, spot: Spot): void {
    const { program, expressions } = this.#walk;
    const { syntaxErrorsAreFatal } = program;
    if (which === "comment") program.syntaxErrorsAreFatal = false;
    if (value) expressions.string(value, spot);
    else if (problem !== "") this.#syntax(problem, problemAt, spot);
    program.syntaxErrorsAreFatal = syntaxErrorsAreFatal;
  }

  /** Makes a variable known; `place` is the name in its definition. */
  declare(kind: ValueKind, name: string, at: number, spot: Spot, isLoop = false): KnownVariable {
    const place = placeAt(spot, { start: at, end: at + name.length });
    const symbol: ScriptSymbol = { kind, name, definition: place, uses: [], isLoop, signature: null };
    const variable: KnownVariable = { symbol, branch: spot.branch, literal: undefined };
    spot.scope.variables.set(lowerAscii(name), variable);
    this.#walk.program.symbols.push(symbol);
    return variable;
  }

  declareParameter({ name, type, at }: FunctionParameter, spot: Spot): void {
    if (this.#isReserved(name, at, spot)) return;
    this.declare(type, name, at, spot).literal = null;
  }

  #isReserved(name: string, at: number, spot: Spot): boolean {
    if (!isReserved(name)) return false;
    const place = placeAt(spot, { start: at, end: at + name.length });
    const hint = `A line that begins with it would be taken for a statement. Write $${name.replaceAll("$", "")}$.`;
    this.#walk.program.report("reserved-name", place, `${name} begins like a statement or a section type`, hint);
    return true;
  }

  #define(statement: Statement & { kind: "define" }, spot: Spot): void {
    const { name, key, at, list, value } = statement;
    const { program } = this.#walk;
    if (this.#isReserved(name, at, spot)) return;
    const known = spot.scope.variables.get(key);
    if (!known || isDynamic(name, spot)) this.declare(list ? "stringlist" : "string", name, at, spot);
    else {
      known.symbol.uses.push(placeAt(spot, { start: at, end: at + name.length }));
      if (isWithin(spot.branch, known.branch)) this.#definedTwice(known.symbol, at, spot);
      if (known.symbol.kind !== (list ? "stringlist" : "string")) {
        const place = placeAt(spot, { start: at, end: at + name.length });
        const text = `${name} is a ${known.symbol.kind} since line ${known.symbol.definition.line.line}`;
        program.report("wrong-type", place, text, null, "warning");
      }
    }
    if (value) this.#set(name, key, at, value, spot);
    if (statement.problem !== "") this.#syntax(statement.problem, statement.problemAt, spot);
    this.#rest(statement.rest, spot);
  }

  /** Of globals the original only counts an error (language §3.1). */
  #definedTwice({ name, definition }: ScriptSymbol, at: number, spot: Spot): void {
    const place = placeAt(spot, { start: at, end: at + name.length });
    const { line } = definition;
    const isSame = line.file === place.line.file && line.line === place.line.line;
    if (isSame) return; // a section that is called twice
    const isGlobal = spot.scope.outer === null;
    const hint = isGlobal ? "The value stays, an error is counted. Remove the second definition." : null;
    const text = `${name} is already defined in line ${line.line}`;
    const { program } = this.#walk;
    const stops = !isGlobal || program.everyBranch; // the original's test of the syntax counts it as well
    program.report("double-definition", place, text, hint, stops ? undefined : "warning");
  }

  #set(name: string, key: string, at: number, value: Expression, spot: Spot): void {
    const { program, expressions } = this.#walk;
    const place = placeAt(spot, { start: at, end: at + name.length });
    const variable = spot.scope.find(key);
    if (!variable) {
      expressions.any(value, spot);
      if (!isDynamic(name, spot)) program.unknown("variable", key, name, place, spot.scope);
      return;
    }
    if (variable.symbol.definition.line !== spot.line) variable.symbol.uses.push(place);
    if (variable.symbol.kind === "string") expressions.string(value, spot);
    else expressions.list(value, spot);
    variable.literal = variable.literal === undefined ? textOf(value, spot) : null;
  }

  #loop(statement: Statement & { kind: "forEach" | "forCount" }, spot: Spot): void {
    const { variable, at, body } = statement;
    const key = lowerAscii(variable);
    const { program } = this.#walk;
    const known = spot.scope.find(key);
    const place = placeAt(spot, { start: at, end: at + variable.length });
    if (known && isWithin(spot.branch, known.branch)) {
      const text = `The loop variable ${variable} is already defined in line ${known.symbol.definition.line.line}`;
      program.report("double-definition", place, text, "A loop has a variable of its own, without DefVar.");
      return;
    }
    const inner = parseLine(body);
    if (notInLoops.has(inner.kind)) {
      const hint = "A loop executes one statement: call a sub section.";
      program.report("syntax", wholeLine(spot), "A block or another loop cannot stand in a loop", hint);
      return;
    }
    this.declare("string", variable, at, spot, true).literal = null;
    const offset = trimEnd(spot.line.text).length - body.length;
    this.check(inner, { ...spot, offset, loops: [...spot.loops, variable] });
    spot.scope.variables.delete(key);
    if (known) spot.scope.variables.set(key, known);
  }

  #section(statement: Statement & { kind: "section" }, spot: Spot): void {
    const type = statement.type as SectionType;
    if (statement.name !== "") {
      this.#walk.callSection(type, statement.name, { start: 0, end: statement.name.length }, spot);
      this.#parameters(statement.parameters, spot);
      return;
    }
    this.#external(type, statement.parameters, spot);
  }

  /** Parameters of a section are free text, in which string expressions may stand: variables in them are used. */
  #parameters(parameters: string, spot: Spot): void {
    if (parameters === "") return;
    try {
      const expression = parseValue(new Cursor(parameters));
      const parts = expression.kind === "join" ? expression.parts : [expression];
      const start = trimEnd(spot.line.text).length - parameters.length;
      for (const part of parts) {
        const symbol = part.kind === "call" && part.arguments === null ? spot.scope.find(part.key)?.symbol : null;
        symbol?.uses.push({ line: spot.line, start: start + part.span.start, end: start + part.span.end });
      }
    } catch (problem) {
      if (!(problem instanceof SyntaxProblem)) throw problem; // a bare word
    }
  }

  /** `sub "file"`, `WinBatch createStringList("…")` */
  #external(type: SectionType, parameters: string, spot: Spot): void {
    const start = trimEnd(spot.line.text).length - parameters.length - spot.offset;
    const inside = { ...spot, offset: spot.offset + start };
    const cursor = new Cursor(parameters);
    let expression: Expression;
    try {
      expression = parseValue(cursor);
    } catch (problem) {
      if (!(problem instanceof SyntaxProblem)) throw problem;
      this.#syntax(problem.message, start + cursor.position, spot);
      return;
    }
    const { expressions, includes } = this.#walk;
    expressions.any(expression, inside);
    if (expressions.isList(expression, inside)) return;
    if (expression.kind === "text" && expression.value.trimStart().startsWith("[")) return;
    const open = this.#walk.program.isOpen;
    const found = includes.find(expression, inside);
    if (isSub(type)) {
      if (found) this.#walk.runFile(found, spot);
    } else this.#walk.program.isOpen = open; // such a file defines nothing
  }

  #call({ call, word }: Statement & { kind: "call" }, spot: Spot): void {
    const { program, expressions } = this.#walk;
    const key = lowerAscii(word);
    const info = program.functions.get(key);
    const place = placeAt(spot, { start: 0, end: word.length });
    if (info && call) {
      expressions.definedCall(info, call, spot);
      return;
    }
    if (info) {
      program.report("wrong-arguments", place, `"(" expected behind ${word}`);
      return;
    }
    for (const argument of call?.arguments ?? []) expressions.any(argument, spot);
    if (call && callStatements.has(key)) {
      if (key === "executesection") expressions.sectionCall(call.arguments?.[0], spot);
      return;
    }
    if (!isDynamic(word, spot)) program.unknown("statement", key, word, place, spot.scope);
  }

  #rest(rest: string, spot: Spot): void {
    if (rest === "") return;
    const start = trimEnd(spot.line.text).length - rest.length - spot.offset;
    this.#syntax(`Remaining char(s) not allowed here: ${rest}`, start, spot);
  }

  #syntax(message: string, at: number, spot: Spot): void {
    const { line, offset, loops } = spot;
    const text = line.text.slice(offset).toLowerCase();
    if (loops.some((loop) => text.includes(loop.toLowerCase()))) return; // its value may make it right
    const end = trimEnd(line.text).length;
    const start = Math.min(offset + at, Math.max(0, end - 1));
    const hint = syntaxHint(line.text.slice(offset), message);
    this.#walk.program.report("syntax", { line, start, end }, message, hint);
  }
}

const isOn = (value: string) => value === "true" || value === "on" || value === "1";
