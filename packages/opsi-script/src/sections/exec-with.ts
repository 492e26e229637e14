import { Cursor, stops } from "../language/lexer.ts";
import { FatalProblem, SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { quotedParameters } from "./command-line.ts";
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

function runWith(context: Context, lines: readonly string[], parts: Parts, options: ProgramOptions): string[] {
  const isPowershell = /(?:powershell|pwsh)(?:\.exe)?$/i.test(parts.program);
  const keep = context.log.level >= level.secret || options.letThemGo;
  return withScriptFile(lines, isPowershell ? ".ps1" : ".cmd", options.encoding, keep, (file) => {
    const { processes } = context.platform;
    const argument = processes.argument(file);
    runHook(context, argument, options);
    const behind = quotedParameters(processes, parts.behind);
    const before = quotedParameters(
      processes,
      isPowershell ? parts.before.replace(/(^|[ \t])-file.*$/i, "") : parts.before,
    );
    const last = before.at(-1);
    let parameters: string[];
    if (isPowershell) parameters = [...before, "-Command", processes.argument(powershellCommand(file, behind))];
    else if (last?.endsWith("=")) parameters = [...before.slice(0, -1), `${last}${argument}`, ...behind];
    else parameters = [...before, argument, ...behind];
    const program = processes.seenBy(parts.program, options.is32Bit);
    const result = runProgram(context, program, parameters, options);
    if (!result.started) throw new FatalProblem(`Cannot start ${parts.program}: ${result.output}`);
    return outputLines(result.output);
  });
}

/** The execution policy is switched off for this process only; the exit code is that of `exit n` in the script. */
function powershellCommand(file: string, behind: readonly string[]): string {
  const policy = "Set-ExecutionPolicy -Scope Process -ExecutionPolicy Bypass -Force -ErrorAction SilentlyContinue";
  return `${policy}; (& '${file.replaceAll("'", "''")}' ${behind.join(" ")} | Out-String).TrimEnd(); exit $LASTEXITCODE;`;
}

/** On Windows a batch file may look at the script before it runs. */
function runHook(context: Context, file: string, options: ProgramOptions): void {
  const { processes } = context.platform;
  if (options.hookScript === "" || !processes.takesCommandLine) return;
  const [program, parameters] = processes.shellScript(options.hookScript, [file], options.is32Bit);
  runProgram(context, program, parameters, { ...options, letThemGo: false });
}

const scriptLines = ({ lines }: SectionCall) => lines.map(({ text }) => text).filter((text) => !text.startsWith(";"));

/** Its error record goes to the output, and the exit code says that there was one. */
const trap = "trap { Write-Output $_; exit 1 }";

/**
 * Runs one command in PowerShell as an ExecWith section would (sections §11); the lines of its output.
 *
 * @throws SyntaxProblem for an unknown option; FatalProblem when PowerShell cannot be started
 */
export function runPowershell(context: Context, command: string, modifiers: string): string[] {
  const options = parseProgramOptions(modifiers, () => {
    throw new SyntaxProblem("A value is expected");
  });
  return runWith(context, [trap, command], { program: "powershell.exe", before: "", behind: "", modifiers }, options);
}

export const execWith: SectionHandler = {
  escapes: (parameters) => /\/escapestrings/i.test(parameters),
  run: (call) => {
    const parts = splitParts(call.substitute(call.parameters));
    const options = parseProgramOptions(parts.modifiers, call.evaluate);
    if (call.context.platform.system !== "windows" && /\/sysnative/i.test(parts.modifiers)) {
      call.context.error("Only Windows has 32 and 64 bit views of the system");
    }
    return runWith(call.context, scriptLines(call), parts, options);
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
    return runWith(context, scriptLines(call), { program: "python", before: "", behind, modifiers }, options);
  },
};
