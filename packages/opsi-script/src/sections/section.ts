import { Cursor, stops } from "../language/lexer.ts";
import { parseValue } from "../language/parse-expression.ts";
import { SyntaxProblem } from "../language/problems.ts";
import type { SourceLine } from "../language/source.ts";
import type { Expression } from "../language/syntax.ts";
import type { Context, SectionPurpose } from "../run/context.ts";

/** A call of a secondary section, ready to run. */
export interface SectionCall {
  readonly context: Context;
  readonly name: string;
  /** Constants and variables are replaced; the text is byte strings. */
  readonly lines: readonly SourceLine[];
  /** Text behind the name, constants replaced. */
  readonly parameters: string;
  readonly purpose: SectionPurpose;
  /** Profile directory for which the section runs now; empty where it runs once for all (sections, "All-users"). */
  readonly profile: string;
  /** Values of string expressions in the parameters. */
  evaluate(expression: Expression): string;
  /** The text with constants and variables replaced as in the lines. */
  substitute(text: string): string;
  /** Counts a syntax error in a line of the section; true when the script goes on. */
  syntaxError(message: string, line: SourceLine): boolean;
  /** Ends the script without a failure. */
  stop(): void;
}

/** One type of section: `run` gives the output or the result list, where the type has one. */
export interface SectionHandler {
  /** Backslashes of inserted values are doubled (language §1.7). */
  escapes?(parameters: string): boolean;
  /** With /AllUserProfiles the section runs once for each profile directory. */
  readonly perProfile?: true;
  run(call: SectionCall): string[];
}

/** The file name at the start of the parameters: a string expression or a bare word; and what follows it. */
export function readFileName(call: SectionCall): { file: string; rest: string } {
  const cursor = new Cursor(call.parameters);
  if (cursor.atEnd) return { file: "", rest: "" };
  try {
    const file = call.evaluate(parseValue(cursor));
    return { file, rest: cursor.rest };
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem;
    const words = new Cursor(call.parameters);
    return { file: call.substitute(words.word(stops.plain)), rest: words.rest };
  }
}

/** A call without a file name counts as three errors: expression, parameters, section. */
export function missingFileName({ context }: SectionCall): SyntaxProblem {
  context.state.errors += 2;
  return new SyntaxProblem("File name expected");
}

/** The value behind an option such as `/encoding`: quoted or a bare word; `null` when the option is missing. */
export function optionValue(call: SectionCall, text: string, option: string): string | null {
  const at = text.toLowerCase().indexOf(option.toLowerCase());
  if (at < 0) return null;
  const cursor = new Cursor(text, at + option.length);
  if (cursor.next === '"' || cursor.next === "'") return cursor.literal();
  return readText(cursor, call.evaluate);
}

/** A string expression, or a bare word where none can be read. */
export function readText(cursor: Cursor, evaluate: SectionCall["evaluate"]): string {
  const start = cursor.position;
  try {
    return evaluate(parseValue(cursor));
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem;
    cursor.position = start;
    return cursor.word(stops.plain);
  }
}

/** Executes the lines that say something; after a line with a syntax error only if the call goes on. */
export function runCommands(call: SectionCall, execute: (text: string) => void): void {
  for (const line of commandLines(call)) {
    try {
      execute(line.text);
    } catch (problem) {
      if (!(problem instanceof SyntaxProblem)) throw problem;
      if (!call.syntaxError(problem.message, line)) return;
    }
  }
}

/** Lines that say something: comments and empty ones dropped. The log names the one in work. */
export function* commandLines({ lines, context }: Pick<SectionCall, "lines" | "context">): Generator<SourceLine> {
  for (const line of lines) {
    if (line.text.trim() === "" || line.text.trimStart().startsWith(";")) continue;
    workOn(context, line);
    yield line;
  }
}

/** Errors name this line from now on; for lines of a list that a script has made, the call stays the better place. */
export function workOn({ log }: Context, line: SourceLine): void {
  if (line.file !== "") log.place = line;
}
