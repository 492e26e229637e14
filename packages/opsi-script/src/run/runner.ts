import { parseLineOnce } from "../language/parser.ts";
import { FatalProblem, SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import type { Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import { defineFunction } from "../statements/define-function.ts";
import { executeStatement } from "../statements/execute.ts";
import { equalIgnoringCase, trim } from "../text/bytes.ts";
import { type Interpreter, type Running, ScriptStopped } from "./interpreter.ts";
import { traceStatement } from "./trace.ts";

/** One `if` with its branches. */
interface Condition {
  /** The present branch is executed. */
  active: boolean;
  /** No later branch will be: one was taken, the condition could not be understood, or everything around is skipped. */
  done: boolean;
  hadElse: boolean;
}

interface Switch {
  readonly value: string;
  matched: boolean;
  /** Between Case and EndCase. */
  inCase: boolean;
  caseApplies: boolean;
}

const deepestConditions = 100;

/** Executes one section: walks its lines, keeps the blocks, hands statements to their handlers (language §2, §3). */
class Runner {
  readonly #interpreter: Interpreter;
  readonly #running: Running;
  readonly #conditions: Condition[] = [];
  #switch: Switch | null = null;
  #aborted = false;

  constructor(interpreter: Interpreter, running: Running) {
    this.#interpreter = interpreter;
    this.#running = running;
  }

  run(): void {
    const { log, constants } = this.#interpreter;
    const running = this.#running;
    const { depth, quiet, place } = log;
    for (; running.position < running.lines.length && this.#interpreter.goesOn && !this.#aborted; running.position++) {
      const line = running.lines[running.position];
      if (!line) break;
      const text = trim(line.text);
      if (text === "" || text[0] === ";") continue;
      if (text[0] === "[") break;
      log.depth = depth + this.#conditions.length;
      log.quiet = line.library && !this.#interpreter.debugLibrary;
      log.place = line;
      const statement = parseLineOnce(constants.replace(text));
      if (this.#isDue(statement)) traceStatement(this.#interpreter, statement, line);
      this.#execute(statement, line);
    }
    log.depth = depth;
    log.quiet = quiet;
    this.#finish();
    log.place = place;
  }

  /** A block left open is an exception of the original, which ends the script (language §2.6). */
  #finish(): void {
    if (this.#conditions.length === 0) return;
    const { state } = this.#interpreter;
    if (this.#interpreter.goesOn) this.#interpreter.fail(`${this.#running.name}: endif expected`);
    else if (state.fatal && state.progress === "Syntax Error") state.errors++;
  }

  get #isActive(): boolean {
    return this.#conditions.length === 0 || (this.#conditions.at(-1)?.active ?? true);
  }

  /** The statement is executed, or decides what is. */
  #isDue({ kind }: Statement): boolean {
    if (kind === "nothing" || kind === "endfunc") return false;
    const isSwitch = kind === "switch" || kind === "case";
    return isSwitch || kind === "elseif" || (this.#isActive && (this.#switch?.caseApplies ?? true));
  }

  #execute(statement: Statement, line: SourceLine): void {
    try {
      if (this.#switchStatement(statement)) return;
      if (this.#switch && !this.#switch.caseApplies) return; // between cases, or in one that does not apply
      if (this.#conditionStatement(statement)) return;
      if (!this.#isActive) return;
      if (statement.kind === "deffunc") defineFunction(this.#interpreter, statement, this.#running);
      else executeStatement(this.#interpreter, statement, line);
    } catch (problem) {
      if (problem instanceof SyntaxProblem) this.#interpreter.syntaxError(problem.message, line);
      else if (problem instanceof FatalProblem) this.#interpreter.fail(problem.message);
      else if (!(problem instanceof ScriptStopped)) throw problem;
    }
  }

  /** The blocks of `Switch`; they are followed even where an `if` around is not taken (language §3.2). */
  #switchStatement(statement: Statement): boolean {
    switch (statement.kind) {
      case "switch":
        if (this.#switch) this.#abort("Switch inside of a switch");
        this.#switch = { value: this.#value(statement), matched: false, inCase: false, caseApplies: false };
        return true;
      case "case": {
        const open = this.#openSwitch("Case");
        if (open.inCase) this.#abort("Case inside of a case");
        open.caseApplies = equalIgnoringCase(this.#value(statement), open.value);
        if (open.caseApplies) open.matched = true;
        open.inCase = true;
        return true;
      }
      case "defaultcase": {
        const open = this.#openSwitch("DefaultCase");
        if (open.inCase) this.#abort("DefaultCase inside of a case");
        open.caseApplies = !open.matched;
        open.inCase = true;
        return true;
      }
      case "endcase": {
        const open = this.#openSwitch("EndCase");
        if (!open.inCase) this.#abort("EndCase without case");
        open.inCase = open.caseApplies = false;
        return true;
      }
      case "endswitch":
        if (this.#openSwitch("EndSwitch").inCase) this.#abort("EndSwitch inside of a case");
        this.#switch = null;
        return true;
      default:
        return false;
    }
  }

  #openSwitch(name: string): Switch {
    if (!this.#switch) throw new SyntaxProblem(`${name} without Switch`);
    return this.#switch;
  }

  #abort(message: string): never {
    this.#aborted = true;
    throw new SyntaxProblem(message);
  }

  #value(statement: Statement & { kind: "switch" | "case" }): string {
    if (!statement.value) throw new SyntaxProblem(statement.problem);
    return this.#interpreter.evaluator.string(statement.value);
  }

  #conditionStatement(statement: Statement): boolean {
    switch (statement.kind) {
      case "if": {
        if (this.#conditions.length >= deepestConditions) throw new SyntaxProblem("Too many nested conditions");
        const condition: Condition = { active: false, done: true, hadElse: false };
        const wasActive = this.#isActive;
        this.#conditions.push(condition);
        if (wasActive) this.#decide(condition, statement);
        return true;
      }
      case "elseif": {
        const condition = this.#openCondition("elseif");
        condition.active = false;
        if (!condition.done) this.#decide(condition, statement);
        return true;
      }
      case "else": {
        const condition = this.#openCondition("else");
        if (condition.hadElse) throw new SyntaxProblem("Double else");
        condition.hadElse = true;
        condition.active = !condition.done;
        condition.done = true;
        return true;
      }
      case "endif":
        this.#openCondition("endif");
        this.#conditions.pop();
        return true;
      default:
        return false;
    }
  }

  #openCondition(name: string): Condition {
    const condition = this.#conditions.at(-1);
    if (!condition) throw new SyntaxProblem(`${name} without if`);
    return condition;
  }

  /** A condition that cannot be understood or evaluated takes no branch at all. */
  #decide(condition: Condition, statement: Statement & { kind: "if" | "elseif" }): void {
    condition.done = true;
    const { state } = this.#interpreter;
    if (!statement.condition) {
      if (statement.hasRest) state.errors++; // the rest is a mistake of its own in the original
      throw new SyntaxProblem(statement.problem);
    }
    try {
      condition.active = this.#interpreter.evaluator.boolean(statement.condition, statement.text);
    } catch (problem) {
      const position = problem instanceof SyntaxProblem ? problem.position : null;
      if (position !== null && position < statement.length) state.errors++;
      throw problem;
    }
    if (statement.problem !== "") {
      condition.active = false;
      condition.done = true;
      throw new SyntaxProblem(statement.problem);
    }
    condition.done = condition.active;
    if (this.#interpreter.log.isOn(level.trace)) this.#interpreter.log.write(level.trace, statement.kind);
  }
}

export const executeSection = (interpreter: Interpreter, running: Running): void =>
  new Runner(interpreter, running).run();
