import { parseLineOnce } from "../language/parser.ts";
import { FatalProblem, SyntaxProblem } from "../language/problems.ts";
import { functionNesting, headerName, ScriptText } from "../language/script-text.ts";
import { isSub, sectionTypeOf } from "../language/section-types.ts";
import { loadSource, type SourceLine } from "../language/source.ts";
import type { Expression, Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import { findInclude, findLibrary } from "../statements/includes.ts";
import { lowerAscii, toText, trim } from "../text/bytes.ts";
import type { Interpreter } from "./interpreter.ts";

/**
 * Test-syntax mode (interpreter §6): every line of every branch is understood, nothing is executed. Names are followed
 * from their definition on, sections from where they are called, includes where their file name is a plain text.
 */
export function checkSyntax(interpreter: Interpreter): void {
  const check = new SyntaxCheck(interpreter);
  for (const name of ["initial", "actions", "profileactions"]) check.section(name, interpreter.script);
}

class SyntaxCheck {
  readonly #interpreter: Interpreter;
  readonly #names = new Set<string>();
  readonly #visited = new Set<string>();
  readonly #files = new Set<string>();
  readonly #texts: ScriptText[];

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
    this.#texts = [interpreter.script];
  }

  section(name: string, text: ScriptText): void {
    const key = lowerAscii(name);
    const lines = text.section(key);
    if (!lines || this.#visited.has(key)) return;
    this.#visited.add(key);
    this.#lines(name, lines);
  }

  #lines(name: string, lines: readonly SourceLine[]): void {
    let conditions = 0;
    let last: SourceLine | null = null;
    let nesting = 0;
    let isContent = false; // of a section inside of a function
    for (const line of lines) {
      const text = trim(line.text);
      const step = functionNesting(text);
      nesting = Math.max(0, nesting + step);
      if (step !== 0) isContent = false;
      if (text.startsWith("[")) {
        if (nesting === 0) break;
        isContent = !isSub(sectionTypeOf(headerName(text) ?? ""));
        continue;
      }
      if (isContent || text === "" || text.startsWith(";")) continue;
      last = line;
      const statement = parseLineOnce(this.#interpreter.constants.replace(text));
      if (statement.kind === "if") conditions++;
      if (statement.kind === "endif" && --conditions < 0) {
        conditions = 0;
        this.#complain("endif without if", line);
      }
      this.#try(line, () => this.#statement(statement, line));
    }
    if (conditions > 0 && last) this.#complain(`endif expected in ${name}`, last);
  }

  #complain(message: string, line: SourceLine): void {
    this.#interpreter.syntaxError(message, line, false);
    this.#interpreter.state.fatal = true;
    this.#interpreter.state.progress = "testsyntax";
  }

  #try(line: SourceLine, check: () => void): void {
    try {
      check();
    } catch (problem) {
      if (!(problem instanceof SyntaxProblem) && !(problem instanceof FatalProblem)) throw problem;
      this.#complain(problem.message, line);
    }
  }

  #statement(statement: Statement, line: SourceLine): void {
    switch (statement.kind) {
      case "invalid":
        throw new SyntaxProblem(statement.message);
      case "define":
        this.#names.add(statement.key);
        if (statement.problem !== "") throw new SyntaxProblem(statement.problem);
        if (statement.value) this.#expression(statement.value);
        this.#noRest(statement.rest);
        return;
      case "set":
        this.#known(statement.key, statement.name);
        this.#expression(statement.value);
        this.#noRest(statement.rest);
        return;
      case "if":
      case "elseif":
        if (statement.problem !== "") throw new SyntaxProblem(statement.problem);
        if (statement.condition) this.#expression(statement.condition);
        return;
      case "switch":
      case "case":
        if (!statement.value) throw new SyntaxProblem(statement.problem);
        this.#expression(statement.value);
        return;
      case "deffunc":
        this.#names.add(statement.key);
        this.#names.add("$result$");
        for (const { key } of statement.parameters) this.#names.add(key);
        return;
      case "forEach":
      case "forCount": {
        this.#names.add(lowerAscii(statement.variable));
        for (const part of statement.kind === "forEach" ? [statement.list] : [statement.from, statement.to])
          this.#expression(part);
        this.#statement(parseLineOnce(statement.body), line);
        return;
      }
      case "text":
        if (statement.problem !== "") throw new SyntaxProblem(statement.problem);
        if (statement.value) this.#expression(statement.value);
        return;
      case "command":
        for (const argument of statement.arguments) this.#expression(argument);
        this.#include(statement);
        return;
      case "call":
        if (!statement.call) throw new SyntaxProblem(`Undefined statement: ${statement.word}`);
        this.#expression(statement.call);
        return;
      case "section": {
        if (!isSub(sectionTypeOf(statement.name))) return;
        for (const text of this.#texts) this.section(statement.name, text);
        return;
      }
      default: // blocks are counted above, the rest has nothing to check
    }
  }

  #noRest(rest: string): void {
    if (rest !== "") throw new SyntaxProblem(`Remaining char(s) not allowed here: ${rest}`);
  }

  #known(key: string, name: string): void {
    if (!this.#names.has(key)) throw new SyntaxProblem(`Unknown variable name: ${name}`);
  }

  #expression(expression: Expression): void {
    switch (expression.kind) {
      case "call":
        if (!expression.builtin) this.#known(expression.key, expression.name);
        for (const argument of expression.arguments ?? []) this.#expression(argument);
        return;
      case "join":
        for (const part of expression.parts) this.#expression(part);
        return;
      case "group":
      case "not":
        this.#expression(expression.inner);
        return;
      case "and":
      case "or":
      case "compare":
        this.#expression(expression.left);
        this.#expression(expression.right);
        return;
      case "range":
        for (const bound of [expression.from, expression.to]) if (bound) this.#expression(bound);
        return;
      default: // literals
    }
  }

  /** Includes whose file name stands in the line as it is. */
  #include({ which, arguments: [argument] }: Statement & { kind: "command" }): void {
    if (argument?.kind !== "text" || !["include_insert", "include_append", "importlib"].includes(which)) return;
    const library = which === "importlib";
    const file = library ? argument.value.replace(/::.*/, "") : argument.value;
    const path = library ? findLibrary(this.#interpreter, file) : findInclude(this.#interpreter, file);
    if (path === null) throw new FatalProblem(`${which}: file not found: ${file}`);
    if (this.#files.has(path)) return;
    this.#files.add(path);
    const { lines } = loadSource(toText(path), library);
    const text = new ScriptText(lines);
    this.#texts.push(text);
    if (which !== "include_append") this.#lines(file, lines);
    this.#interpreter.log.write(level.info, `${which}: ${path} checked`);
  }
}
