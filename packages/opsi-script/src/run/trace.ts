import type { SourceLine } from "../language/source.ts";
import type { Expression, Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import { lowerAscii, trim } from "../text/bytes.ts";
import type { Interpreter } from "./interpreter.ts";
import type { Variable } from "./variables.ts";

/** Longer values are cut: a trace is read by people. */
const mostCharacters = 200;
const mostElements = 20;

/**
 * Tells in the log which statement comes next, where it stands, and what the variables in it are worth, if that is
 * wanted.
 *
 * @param text of the statement, where it is not the line
 */
export function traceStatement(
  interpreter: Interpreter,
  statement: Statement,
  line: SourceLine,
  text = line.text,
): void {
  if (!interpreter.options.trace) return;
  const { log, variables } = interpreter;
  log.write(level.notice, `trace: ${line.file}:${line.line}: ${trim(text)}`);
  if (statement.kind === "command" && statement.which === "setconfidential") return; // secret only when it has run
  const names = new Set<string>();
  namesIn(statement, names);
  for (const name of names) {
    const variable = variables.find(name);
    if (variable) log.write(level.notice, `trace:     ${variable.name} = ${shown(variable)}`);
  }
}

function shown(variable: Variable): string {
  const text = (value: string) =>
    value.length > mostCharacters ? `"${value.slice(0, mostCharacters)}" ... (${value.length} bytes)` : `"${value}"`;
  if (variable.kind === "string") return text(variable.value);
  const elements = variable.value.slice(0, mostElements).map(text).join(", ");
  return variable.value.length > mostElements ? `[${elements} ... (${variable.value.length} lines)]` : `[${elements}]`;
}

function namesIn(statement: Statement, names: Set<string>): void {
  for (const expression of expressionsOf(statement)) collect(expression, names);
  if (statement.kind === "section") {
    for (const word of statement.parameters.split(/[ \t+,()]+/)) if (word !== "") names.add(lowerAscii(word));
  }
}

/** The expressions of a statement. */
function expressionsOf(statement: Statement): readonly (Expression | null)[] {
  switch (statement.kind) {
    case "set":
    case "define":
    case "switch":
    case "case":
    case "text":
      return [statement.value];
    case "if":
    case "elseif":
      return [statement.condition];
    case "forEach":
      return [statement.list];
    case "forCount":
      return [statement.from, statement.to];
    case "command":
      return statement.arguments;
    case "call":
      return [statement.call];
    default:
      return [];
  }
}

function collect(expression: Expression | null, names: Set<string>): void {
  switch (expression?.kind) {
    case "call":
      names.add(expression.key);
      for (const argument of expression.arguments ?? []) collect(argument, names);
      return;
    case "join":
      for (const part of expression.parts) collect(part, names);
      return;
    case "group":
    case "not":
      collect(expression.inner, names);
      return;
    case "and":
    case "or":
    case "compare":
      collect(expression.left, names);
      collect(expression.right, names);
      return;
    case "range":
      collect(expression.from, names);
      collect(expression.to, names);
      return;
    default: // literals
  }
}
