import { SyntaxProblem } from "../language/problems.ts";
import { functionNesting, ScriptText } from "../language/script-text.ts";
import { sectionTypeOf } from "../language/section-types.ts";
import type { Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import type { Interpreter, Running } from "../run/interpreter.ts";

/** Takes the lines up to the matching `EndFunc` as the body; the first definition of a name stays (language §2.5). */
export function defineFunction(
  interpreter: Interpreter,
  statement: Statement & { kind: "deffunc" },
  running: Running,
): void {
  const { lines } = running;
  const start = running.position + 1;
  let nesting = 1;
  let end = start;
  for (; end < lines.length; end++) {
    nesting += functionNesting(lines[end]?.text ?? "");
    if (nesting === 0) break;
  }
  if (end >= lines.length) {
    interpreter.state.fatal = true;
    throw new SyntaxProblem(`Found DefFunc without EndFunc: ${statement.name}`);
  }
  running.position = end;
  const { name, key, parameters, returns } = statement;
  if (interpreter.functions.has(key)) {
    interpreter.log.write(level.warning, `Function ${name} is already defined; the first definition stays`);
    return;
  }
  if (sectionTypeOf(key) !== null) throw new SyntaxProblem(`Reserved name, must not be used for a function: ${name}`);
  const text = new ScriptText(lines.slice(start, end));
  interpreter.functions.set(key, { name, key, parameters, returns, text, outer: interpreter.runningFunction });
  interpreter.log.write(level.debug, `Function ${name} defined`);
}
