import { Cursor, stops } from "../language/lexer.ts";
import { FatalProblem, SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import { splitCommandLine } from "./command-line.ts";
import { type ProgramOptions, parseProgramOptions, splitModifiers } from "./program-options.ts";
import { outputLines, runProgram, withScriptFile } from "./program-run.ts";
import type { SectionCall, SectionHandler } from "./section.ts";

interface Parts {
  readonly program: string;
  readonly before: string;
  readonly behind: string;
  readonly modifiers: string;
}

/** `PROGRAM [params] [PASS params for the script] [WINST options]` (sections §12). */
function splitParts(text: string): Parts {
  const cursor = new Cursor(text);
  if (cursor.atEnd) throw new SyntaxProblem("Program expected");
  const program = cursor.next === '"' || cursor.next === "'" ? cursor.literal() : cursor.word(stops.plain);
  const { before, modifiers } = splitModifiers(cursor.rest);
  const pass = /(?:^|[ \t])pass(?:[ \t]|$)/i.exec(before);
  if (!pass) return { program, before, behind: "", modifiers };
  return { program, before: before.slice(0, pass.index), behind: before.slice(pass.index + pass[0].length), modifiers };
}

function runWith(call: SectionCall, parts: Parts, options: ProgramOptions): string[] {
  const { context } = call;
  const lines = call.lines.map((line) => line.text).filter((line) => !line.startsWith(";"));
  const isPowershell = /(?:powershell|pwsh)(?:\.exe)?$/i.test(parts.program);
  const keep = context.log.level >= level.secret || options.letThemGo;
  return withScriptFile(lines, isPowershell ? ".ps1" : ".cmd", options.encoding, keep, (file) => {
    const before = splitCommandLine(parts.before);
    const behind = splitCommandLine(parts.behind);
    const last = before.at(-1);
    let parameters: string[];
    if (isPowershell) parameters = powershellParameters(before, file, behind);
    else if (last?.endsWith("=")) parameters = [...before.slice(0, -1), `${last}${file}`, ...behind];
    else parameters = [...before, file, ...behind];
    const result = runProgram(context, parts.program, parameters, options);
    if (!result.started) throw new FatalProblem(`Cannot start ${parts.program}: ${result.output}`);
    return outputLines(result.output);
  });
}

/** The execution policy is switched off for this process only; the exit code is that of `exit n` in the script. */
function powershellParameters(before: readonly string[], file: string, behind: readonly string[]): string[] {
  const at = before.findIndex((word) => word.toLowerCase().startsWith("-file"));
  const policy = "Set-ExecutionPolicy -Scope Process -ExecutionPolicy Bypass -Force -ErrorAction SilentlyContinue";
  const command = `${policy}; (& '${file}' ${behind.join(" ")} | Out-String).TrimEnd(); exit $LASTEXITCODE;`;
  return [...(at < 0 ? before : before.slice(0, at)), "-Command", command];
}

export const execWith: SectionHandler = {
  escapes: (parameters) => /\/escapestrings/i.test(parameters),
  run: (call) => {
    const parts = splitParts(call.substitute(call.parameters));
    const options = parseProgramOptions(parts.modifiers, call.evaluate);
    if (call.context.platform.system !== "windows" && /\/sysnative/i.test(parts.modifiers)) {
      call.context.error("Only Windows has 32 and 64 bit views of the system");
    }
    return runWith(call, parts, options);
  },
};

/** `python FILE params`; backslashes of inserted values are doubled. */
export const execPython: SectionHandler = {
  escapes: () => true,
  run: (call) => {
    const { context } = call;
    const version = context.platform.processes.run("python", ["--version"]);
    if (!version.started) throw new FatalProblem("Cannot start python");
    if (!version.output.includes("Python ")) {
      context.log.write(level.critical, "No python found");
      return [];
    }
    const { before: behind, modifiers } = splitModifiers(call.substitute(call.parameters));
    const options = parseProgramOptions(modifiers, call.evaluate);
    return runWith(call, { program: "python", before: "", behind, modifiers }, options);
  },
};
