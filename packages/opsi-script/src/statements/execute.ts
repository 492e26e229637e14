import { isReserved } from "../language/parser.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import type { Expression, Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import type { Interpreter } from "../run/interpreter.ts";
import { callSectionStatement } from "../run/section-calls.ts";
import { lowerAscii } from "../text/bytes.ts";
import { runCommand, runFlag, runSimple } from "./commands.ts";
import { runForCount, runForEach } from "./loops.ts";
import { runText } from "./texts.ts";

/** Executes a statement that is no block. */
export function executeStatement(interpreter: Interpreter, statement: Statement, line: SourceLine): void {
  switch (statement.kind) {
    case "nothing":
      return;
    case "set":
      set(interpreter, statement.key, statement.name, statement.value);
      if (statement.rest !== "") throw new SyntaxProblem(`Remaining char(s) not allowed here: ${statement.rest}`);
      return;
    case "define":
      define(interpreter, statement, line);
      return;
    case "text":
      runText(interpreter, statement, line);
      return;
    case "flag":
      runFlag(interpreter, statement);
      return;
    case "simple":
      runSimple(interpreter, statement.which);
      return;
    case "command":
      runCommand(interpreter, statement);
      return;
    case "section":
      callSectionStatement(interpreter, statement);
      return;
    case "call":
      call(interpreter, statement);
      return;
    case "forEach":
      runForEach(interpreter, statement, line);
      return;
    case "forCount":
      runForCount(interpreter, statement, line);
      return;
    case "endfunc":
      throw new SyntaxProblem("EndFunc without DefFunc");
    case "invalid":
      throw new SyntaxProblem(statement.message);
    default:
      throw new SyntaxProblem(`${statement.kind} is not allowed here`);
  }
}

function set(interpreter: Interpreter, key: string, name: string, value: Expression): void {
  const variable = interpreter.variables.find(key);
  if (!variable) throw new SyntaxProblem(`Unknown variable name: ${name}`);
  const { evaluator, log } = interpreter;
  if (variable.kind === "string") {
    variable.value = evaluator.string(value);
    if (log.isOn(level.info))
      log.write(level.info, `The value of the variable "${variable.name}" is now: "${variable.value}"`);
    return;
  }
  variable.value = evaluator.list(value);
  if (!log.isOn(level.debug)) return;
  log.write(level.debug, `The value of the variable "${variable.name}" is now:`);
  for (const [index, element] of variable.value.entries()) log.write(level.debug, `(string ${index}) ${element}`);
}

/** A global may be declared again: an error is counted, the value stays, an initial value is set (language §3.1). */
function define(interpreter: Interpreter, statement: Statement & { kind: "define" }, line: SourceLine): void {
  const { name, key, list } = statement;
  const { variables } = interpreter;
  if (isReserved(name)) {
    interpreter.state.errors++; // counted twice in the original
    throw new SyntaxProblem(`Reserved name, must not be used in a variable definition: ${name}`);
  }
  const scope = variables.own;
  if (scope.has(key)) {
    if (variables.frame) throw new SyntaxProblem(`Double definition of the local variable ${name}`);
    interpreter.syntaxError(`Double variable definition: ${name}`, line, false);
  } else {
    scope.set(key, list ? { kind: "list", name, value: [] } : { kind: "string", name, value: "" });
  }
  if (statement.value) set(interpreter, key, name, statement.value);
  if (statement.problem !== "") throw new SyntaxProblem(statement.problem);
  if (statement.rest !== "") throw new SyntaxProblem(`Remaining char(s) not allowed here: ${statement.rest}`);
}

/** `shellCall(…)` and similar, or a defined function without a result; everything else is unknown. */
function call(interpreter: Interpreter, statement: Statement & { kind: "call" }): void {
  const { call: expression, word } = statement;
  const defined = interpreter.findFunction(lowerAscii(word));
  if (defined) {
    if (!expression) throw new SyntaxProblem(`"(" expected behind ${word}`);
    interpreter.evaluator.callDefined(defined, expression);
    return;
  }
  if (expression && ["shellcall", "powershellcall"].includes(expression.key)) {
    interpreter.evaluator.string(expression);
    return;
  }
  const [argument] = expression?.arguments ?? [];
  if (argument && expression?.key === "executesection") {
    interpreter.callSection(interpreter.evaluator.string(argument), "execute");
    return;
  }
  if (argument && expression && ["importcerttosystem", "removecertfromsystem"].includes(expression.key)) {
    const value = interpreter.evaluator.string(argument);
    const done =
      expression.key === "importcerttosystem"
        ? interpreter.platform.certificates.add(value)
        : interpreter.platform.certificates.remove(value);
    if (!done) interpreter.error(`${word}: ${value} failed`);
    return;
  }
  throw new SyntaxProblem(`Undefined statement: ${word}`);
}
