import { parseLineOnce } from "../language/parser.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import type { Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import type { Interpreter } from "../run/interpreter.ts";
import { traceStatement } from "../run/trace.ts";
import { lowerAscii } from "../text/bytes.ts";
import { parseInteger } from "../text/numbers.ts";
import { executeStatement } from "./execute.ts";

export function runForEach(
  interpreter: Interpreter,
  statement: Statement & { kind: "forEach" },
  line: SourceLine,
): void {
  const values = interpreter.evaluator.list(statement.list);
  runLoop(interpreter, statement, line, values);
}

export function runForCount(
  interpreter: Interpreter,
  statement: Statement & { kind: "forCount" },
  line: SourceLine,
): void {
  const from = bound(interpreter, interpreter.evaluator.string(statement.from));
  const to = bound(interpreter, interpreter.evaluator.string(statement.to));
  runLoop(interpreter, statement, line, numbers(from, to));
}

/** A bound that is no integer counts as 0, with an error in the log (language §3.3). */
function bound(interpreter: Interpreter, text: string): number {
  const value = parseInteger(text);
  if (value === null) interpreter.log.write(level.error, `Loop bound is no integer: "${text}"`);
  return value ?? 0;
}

function* numbers(from: number, to: number): Generator<string> {
  for (let value = from; value <= to; value++) yield String(value);
}

/**
 * The name of the loop variable is replaced as text in the body (case-sensitive) and in the section that the body
 * calls. While the loop runs the name is also a variable with an empty value.
 */
function runLoop(
  interpreter: Interpreter,
  { variable, body }: { readonly variable: string; readonly body: string },
  line: SourceLine,
  values: Iterable<string>,
): void {
  const { variables, log } = interpreter;
  const scope = variables.own;
  const key = lowerAscii(variable);
  if (variables.find(key)) throw new SyntaxProblem(`Loop variable ${variable} is already in use`);
  if (/^for[ \t]/i.test(body)) throw new SyntaxProblem("loop in loop not yet implemented");
  scope.set(key, { kind: "string", name: variable, value: "" });
  log.depth++;
  try {
    for (const value of values) {
      interpreter.loop = { name: variable, value };
      try {
        const text = body.replaceAll(variable, () => value);
        const statement = parseLineOnce(text);
        traceStatement(interpreter, statement, line, text);
        executeStatement(interpreter, statement, line);
      } catch (problem) {
        if (!(problem instanceof SyntaxProblem)) throw problem;
        interpreter.syntaxError(problem.message, line); // of this value: the others have their turn
      }
      if (!interpreter.goesOn) break;
    }
  } finally {
    interpreter.loop = null;
    log.depth--;
    scope.delete(key);
  }
}
