import { FatalProblem, SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { RunResult } from "../platform/processes.ts";
import type { Context } from "../run/context.ts";
import { runPowershell } from "../sections/exec-with.ts";
import { parseProgramOptions } from "../sections/program-options.ts";
import { logOutput, outputLines } from "../sections/program-run.ts";
import { runCommandLine } from "../sections/win-batch.ts";
import { upperUnicode } from "../text/bytes.ts";
import { parseInteger } from "../text/numbers.ts";
import { builtin } from "./builtin.ts";
import { onlyOnWindows } from "./windows.ts";

function callShell(context: Context, command: string): RunResult {
  context.log.write(level.info, `shellCall: ${command}`);
  context.log.flush();
  const result = context.platform.processes.runShellCommand(command);
  if (!result.started) throw new FatalProblem(`Cannot start the shell: ${result.output}`);
  context.state.lastExitCode = result.exitCode;
  logOutput(context, result);
  return result;
}

export const shellCallExitCode = builtin({
  name: "shellCall",
  parameters: [{ name: "command", type: "string" }],
  returns: "string",
  doc: "Runs a command of the system's shell; its exit code.",
  examples: [['shellCall("exit 3")', "3"]],
  run: (context, command) => String(callShell(context, command).exitCode),
});

export const shellCallOutput = builtin({
  name: "shellCall",
  parameters: [{ name: "command", type: "string" }],
  returns: "list",
  doc: "Runs a command of the system's shell; the lines of its output.",
  examples: [["shellCall(\"printf 'a\\n\\nb\\n'\")", ["a", "", "b"]]],
  run: (context, command) => outputLines(callShell(context, command).output),
});

const powershellParameters = [
  { name: "command", type: "string" },
  { name: "architecture", type: "string", optional: true },
  { name: "policy", type: "stringOrBoolean", optional: true },
  { name: "options", type: "string", optional: true },
] as const;

type PowershellValues = readonly [
  command: string,
  architecture: string | undefined,
  policy: string | boolean | undefined,
  options: string | undefined,
];

/** `null` where there is no PowerShell. The policy is checked only: it is switched off for our process (sections §11). */
function powershell(context: Context, [command, view = "sysnative", policy = true, options = ""]: PowershellValues) {
  if (context.platform.system !== "windows") {
    onlyOnWindows(context, "powershellCall");
    return null;
  }
  if (!/^(32bit|64bit|sysnative)$/i.test(view)) throw new SyntaxProblem(`Unknown architecture: ${view}`);
  if (typeof policy === "string" && !/^(true|false)$/i.test(policy)) throw new SyntaxProblem("true or false expected");
  return runPowershell(context, command, `/${view} ${options}`);
}

export const powershellCallExitCode = builtin({
  name: "powershellCall",
  parameters: powershellParameters,
  returns: "string",
  doc: "Windows: runs a PowerShell command; its exit code.",
  examples: [],
  run: (context, ...values) => {
    if (powershell(context, values) === null) return "";
    return String(context.state.lastExitCode);
  },
});

export const powershellCallOutput = builtin({
  name: "powershellCall",
  parameters: powershellParameters,
  returns: "list",
  doc: "Windows: runs a PowerShell command; the lines of its output.",
  examples: [],
  run: (context, ...values) => powershell(context, values) ?? [],
});

export const processCall = builtin({
  name: "processCall",
  parameters: [
    { name: "line", type: "string" },
    { name: "modifiers", type: "string", optional: true },
  ],
  returns: "string",
  doc: "Runs a program as a line of a WinBatch section does; its exit code. Modifiers follow behind the parenthesis.",
  examples: [['processCall("/bin/false")', "1"]],
  run: (context, line, modifiers = "") => {
    const options = parseProgramOptions(modifiers, () => {
      throw new SyntaxProblem("A value is expected");
    });
    return String(runCommandLine(context, line, options));
  },
});

export const getLastExitCode = builtin({
  name: "getLastExitCode",
  parameters: [],
  returns: "string",
  doc: "Exit code of the last program that was run; 259 when it is still running.",
  examples: [["getLastExitCode", "0"]],
  run: ({ state }) => String(state.lastExitCode),
});

export const getOutStreamFromSection = builtin({
  name: "getOutStreamFromSection",
  parameters: [{ name: "call", type: "string" }],
  returns: "list",
  doc: "Runs a section that starts a program; the lines of its output.",
  examples: [],
  run: (context, call) => context.callSection(call, "output"),
});

export const getReturnListFromSection = builtin({
  name: "getReturnListFromSection",
  parameters: [{ name: "call", type: "string" }],
  returns: "list",
  doc: "Runs a section with a result, such as opsiServiceCall; the lines of the result.",
  examples: [],
  run: (context, call) => context.callSection(call, "list"),
});

export const retrieveSection = builtin({
  name: "retrieveSection",
  parameters: [{ name: "name", type: "string" }],
  returns: "list",
  doc: "The lines of a section of the script, unchanged.",
  examples: [['retrieveSection("no such section")', []]],
  run: (context, name) => (context.findSection(name) ?? []).map(({ text }) => text),
});

export const getProcessList = builtin({
  name: "getProcessList",
  parameters: [],
  returns: "list",
  parentheses: true,
  doc: "All processes: command;pid;user;command line.",
  examples: [],
  run: ({ platform }) =>
    platform.processes
      .list()
      .map(({ command, pid, user, line }) =>
        platform.system === "windows" ? `${command};${pid};${user}` : `${command};${pid};${user};${line}`,
      ),
});

export const getProcessListWithPath = builtin({
  name: "getProcessListWithPath",
  parameters: [],
  returns: "list",
  parentheses: true,
  doc: "All processes with the full command line first: command line;pid;user.",
  examples: [],
  run: ({ platform }) => platform.processes.list().map(({ pid, user, line }) => `${line};${pid};${user}`),
});

export const processIsRunning = builtin({
  name: "processIsRunning",
  parameters: [{ name: "name", type: "string" }],
  returns: "boolean",
  doc: "Whether a line of the process list contains the text.",
  examples: [['processIsRunning("no-such-process-xyz")', false]],
  run: ({ platform }, name) =>
    platform.processes
      .list()
      .some(({ command, pid, user, line }) => `${command};${pid};${user};${line}`.includes(name)),
});

export const isProcessChildOf = builtin({
  name: "isProcessChildOf",
  parameters: [
    { name: "process", type: "string" },
    { name: "ancestor", type: "string" },
  ],
  returns: "boolean",
  doc: "Whether a process, given by name or pid, descends from another one.",
  examples: [['isProcessChildOf("no-such-process-xyz","init")', false]],
  run: ({ platform }, child, ancestor) => {
    const all = platform.processes.list();
    const find = (given: string) => {
      const pid = parseInteger(given);
      return all.filter((one) => (pid === null ? upperUnicode(one.command) === upperUnicode(given) : one.pid === pid));
    };
    const ancestors = new Set(find(ancestor).map(({ pid }) => pid));
    return find(child).some(({ pid }) => {
      let parent = platform.processes.parentOf(pid);
      for (let steps = 0; parent !== null && parent > 0 && steps < 1000; steps++) {
        if (ancestors.has(parent)) return true;
        parent = platform.processes.parentOf(parent);
      }
      return false;
    });
  },
});

export const waitForPackageLock = builtin({
  name: "waitForPackageLock",
  parameters: [
    { name: "seconds", type: "string" },
    { name: "kill", type: "string" },
  ],
  returns: "boolean",
  doc: "Linux: waits until the package manager is free; its holder can be ended after the time.",
  examples: [],
  run: (context, seconds, kill) =>
    context.platform.processes.waitForPackageLock(parseInteger(seconds) ?? 0, kill.toLowerCase() === "true"),
});

export const which = builtin({
  name: "which",
  parameters: [{ name: "command", type: "string" }],
  returns: "string",
  doc: "Full path of a command in the search path; empty when it is not found.",
  examples: [['which("no-such-command-xyz")', ""]],
  run: ({ platform }, command) => platform.processes.which(command),
});
