import { Cursor, stops } from "../language/lexer.ts";
import { parseValue } from "../language/parse-expression.ts";
import { FatalProblem, reasonOf, SyntaxProblem } from "../language/problems.ts";
import { ScriptText } from "../language/script-text.ts";
import { isSub, type SectionType, sectionTypeOf } from "../language/section-types.ts";
import type { SourceLine } from "../language/source.ts";
import type { Statement } from "../language/syntax.ts";
import { level } from "../log/log.ts";
import { sectionHandlers } from "../sections/registry.ts";
import type { SectionCall } from "../sections/section.ts";
import { findInclude, loadFound } from "../statements/includes.ts";
import { lowerAscii, replaceIgnoringCase, trim } from "../text/bytes.ts";
import type { SectionPurpose } from "./context.ts";
import type { Interpreter } from "./interpreter.ts";

/** A section call as a statement: internal by name, or external with a list or a file (language §2.2). */
export function callSectionStatement(interpreter: Interpreter, statement: Statement & { kind: "section" }): void {
  const { loop } = interpreter;
  interpreter.loop = null; // valid for this call only
  const type = statement.type as SectionType;
  const external = statement.name === "" ? readExternal(interpreter, statement.parameters) : null;
  const name = statement.name || statement.type;
  const parameters = external?.parameters ?? statement.parameters;
  let lines: readonly SourceLine[] | null = external?.text.lines ?? interpreter.findSection(name);
  if (!lines || lines.length === 0) {
    interpreter.warning(`Section ${name} not found or empty`);
    if (isSub(type)) interpreter.log.write(level.error, "Work section is empty");
    return;
  }
  if (loop && !external) {
    lines = lines.map((line) => ({ ...line, text: replaceIgnoringCase(line.text, loop.name, loop.value) }));
  }
  interpreter.log.write(level.notice, `Execution of: ${name} ${parameters}`);
  if (isSub(type)) runSub(interpreter, type, name, lines, external?.text ?? null);
  else runHandler(interpreter, type, name, lines, parameters, "execute");
}

function runSub(
  interpreter: Interpreter,
  type: SectionType,
  name: string,
  lines: readonly SourceLine[],
  text: ScriptText | null,
): void {
  const { allUsers } = interpreter.state;
  if (type === "profileaction") interpreter.state.allUsers = true;
  try {
    interpreter.run({ name, lines: [...lines], position: 0, text, caller: interpreter.running });
  } finally {
    interpreter.state.allUsers = allUsers;
  }
}

/** `sub "file"`, `WinBatch createStringList("…")`: the lines come from a file or a list. */
function readExternal(interpreter: Interpreter, rest: string): { text: ScriptText; parameters: string } {
  const cursor = new Cursor(rest);
  const expression = parseValue(cursor);
  const parameters = cursor.rest;
  try {
    const lines = interpreter.evaluator.list(expression);
    return {
      text: new ScriptText(lines.map((text, index) => ({ text, file: "", line: index + 1, library: false }))),
      parameters,
    };
  } catch (problem) {
    if (!(problem instanceof SyntaxProblem)) throw problem;
  }
  const file = interpreter.evaluator.string(expression);
  const path = findInclude(interpreter, file);
  if (path === null) throw new FatalProblem(`Section file not found: ${file}`);
  const { lines, warning } = loadFound(path);
  if (warning !== null) interpreter.log.write(level.warning, `${path}: ${warning}`);
  return { text: new ScriptText(lines), parameters };
}

/**
 * `executeSection`, `getOutStreamFromSection`, `getReturnListFromSection`: the whole call is one text. An unknown
 * section gives an empty list (sections §16).
 */
export function callSection(interpreter: Interpreter, call: string, purpose: SectionPurpose): string[] {
  const cursor = new Cursor(call);
  const name = cursor.word(stops.plain);
  const type = sectionTypeOf(name);
  const lines = interpreter.findSection(name);
  if (type === null || !allowed[purpose].has(type)) {
    interpreter.log.write(level.warning, `${name}: not implemented for this kind of section`);
    return [];
  }
  if (!lines) {
    interpreter.log.write(level.warning, `Section ${name} not found or empty`);
    return [];
  }
  interpreter.log.write(level.notice, `Execution of: ${name} ${cursor.rest}`);
  return runHandler(interpreter, type, name, lines, cursor.rest, purpose);
}

const programs: readonly SectionType[] = [
  "dosbatch",
  "dosinanicon",
  "shellbatch",
  "shellinanicon",
  "shellscript",
  "execpython",
  "execwith",
  "winbatch",
];
const allowed: Readonly<Record<SectionPurpose, ReadonlySet<SectionType>>> = {
  execute: new Set([...programs, "registry", "files"]),
  output: new Set(programs),
  list: new Set<SectionType>(["xmlpatch", "xml2", "opsiservicecall", "opsiservicehashlist", "ldapsearch"]),
};

/** Replaces constants, then the names of all visible string variables (language §1.7). */
function substituter(
  interpreter: Interpreter,
  doubleBackslashes: boolean,
  variablesFirst: boolean,
): (text: string) => string {
  const { constants } = interpreter;
  const escaped = (value: string) => (doubleBackslashes ? value.replaceAll("\\", "\\\\") : value);
  const variables = [...interpreter.variables.strings()].map(({ name, value }) => ({ name, value: escaped(value) }));
  const replaceVariables = (text: string) =>
    variables.reduce((result, { name, value }) => replaceIgnoringCase(result, name, value), text);
  const replaceConstants = (text: string) => {
    if (!doubleBackslashes) return constants.replace(text);
    if (!text.includes("%")) return text;
    let result = text;
    for (const [name, value] of constants) result = replaceIgnoringCase(result, name, escaped(value));
    return result;
  };
  return variablesFirst
    ? (text) => replaceConstants(replaceVariables(text))
    : (text) => replaceVariables(replaceConstants(text));
}

function runHandler(
  interpreter: Interpreter,
  type: SectionType,
  name: string,
  lines: readonly SourceLine[],
  parameters: string,
  purpose: SectionPurpose,
): string[] {
  const handler = sectionHandlers.get(type);
  const { state, log } = interpreter;
  if (!handler) {
    log.write(
      level.warning,
      `${name} is not executed: sections of the kind ${lowerAscii(type)} are not supported any more`,
    );
    return [];
  }
  const substitute = substituter(interpreter, handler.escapes?.(parameters) ?? false, purpose === "list");
  const errors = state.errors;
  let broken = false;
  const call: Omit<SectionCall, "lines" | "parameters" | "profile"> = {
    context: interpreter,
    name,
    purpose,
    evaluate: (expression) => interpreter.evaluator.string(expression),
    substitute,
    syntaxError: (message, line) => {
      broken = true;
      interpreter.syntaxError(message, { ...line, text: trim(line.text) });
      return interpreter.goesOn;
    },
    stop: () => {
      interpreter.stopped = true;
    },
  };
  const { place } = log;
  log.depth++;
  try {
    const results: string[][] = [];
    for (const profile of handler.perProfile ? profilesOf(interpreter, parameters) : [""]) {
      const inProfile = (text: string) =>
        profile === "" ? text : text.replace(/%(?:userprofiledir|currentprofiledir)%/gi, () => profile);
      const replaced = lines.map((line) => ({ ...line, text: substitute(inProfile(line.text)) }));
      try {
        results.push(handler.run({ ...call, lines: replaced, parameters: inProfile(parameters), profile }));
      } catch (problem) {
        if (!(problem instanceof Error && "syscall" in problem)) throw problem;
        // a file that the system refuses is an error; a program whose script cannot even be written has not run
        if (programs.includes(type)) throw new FatalProblem(`${name}: ${reasonOf(problem)}`);
        interpreter.error(`${name}: ${reasonOf(problem)}`);
      }
      if (!interpreter.goesOn) break;
    }
    return results.flat();
  } finally {
    log.depth--;
    log.place = place;
    if (broken) state.errors++; // the section as a whole counts as well
    if (state.exitOnError && state.errors > errors) {
      log.write(level.notice, "ExitOnError: the script ends here");
      interpreter.stopped = true;
    }
  }
}

/** In a login script the user's own directory; for all users each of them; otherwise one run without any. */
function profilesOf({ settings, state, platform }: Interpreter, parameters: string): readonly string[] {
  if (settings.loginScript) return [platform.folders.profileOf(settings.userContext)];
  if (state.allUsers || /\/all(nt)?user(profiles|sendto)/i.test(parameters)) return platform.folders.profiles();
  return [""];
}
