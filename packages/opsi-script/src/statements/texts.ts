import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import type { Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import type { Interpreter } from "../run/interpreter.ts";
import { toText } from "../text/bytes.ts";

/** Statements with a text (language §3.4). What follows the expression is ignored. */
export function runText(interpreter: Interpreter, statement: Statement & { kind: "text" }, line: SourceLine): void {
  const { log } = interpreter;
  if (statement.which === "comment") {
    try {
      if (statement.problem !== "") throw new SyntaxProblem(statement.problem);
      log.write(level.notice, `comment: ${textOf(interpreter, statement)}`);
    } catch (problem) {
      if (!(problem instanceof SyntaxProblem)) throw problem;
      interpreter.syntaxError(problem.message, line, false);
    }
    return;
  }
  const text = textOf(interpreter, statement);
  switch (statement.which) {
    case "message":
      log.write(level.notice, `message ${text}`);
      return;
    case "logerror":
      interpreter.error(`Error: ${text}`);
      return;
    case "logwarning":
      interpreter.warning(`Warning: ${text}`);
      return;
    case "setactionprogress":
      log.write(level.notice, `set ActionProgress to: ${text}`);
      interpreter.options.setProgress?.(toText(text));
      return;
    case "changedirectory":
      try {
        process.chdir(toText(text));
      } catch (error) {
        log.write(level.info, `changeDirectory ${text}: ${reasonOf(error)}`);
      }
      return;
    case "stop":
      log.write(level.notice, `stop: ${text}`);
      interpreter.stopped = true; // nobody is there to ask
      return;
    case "pause":
    case "showmessagefile":
      log.write(level.notice, `${statement.which} ${text}`);
      return;
    default:
      statement.which satisfies never;
  }
}

function textOf(interpreter: Interpreter, statement: Statement & { kind: "text" }): string {
  return statement.raw ?? (statement.value ? interpreter.evaluator.string(statement.value) : "");
}
