import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { EOL, tmpdir } from "node:os";
import { join } from "node:path";
import { level } from "../log/log.ts";
import type { Desktop } from "../platform/desktop.ts";
import { ownProcesses, type RunResult, sleepMilliseconds } from "../platform/processes.ts";
import type { Context } from "../run/context.ts";
import { toBytes } from "../text/bytes.ts";
import { encode } from "../text/encodings.ts";
import { type ProgramOptions, runOptions } from "./program-options.ts";

/** Lines of a program's output; the end of the last line is no further line. CR stays: it is data on Unix. */
export function outputLines(output: string): string[] {
  const lines = output.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return process.platform === "win32" ? lines.map((line) => line.replace(/\r$/, "")) : lines;
}

/** Runs a program, puts its output into the log and keeps its exit code. */
export function runProgram(
  context: Context,
  program: string,
  parameters: readonly string[],
  options: ProgramOptions,
): RunResult {
  const { log, platform, state } = context;
  log.write(level.info, `Executing: ${[program, ...parameters].join(" ")}`);
  log.flush();
  const started = Date.now();
  const { desktop } = platform;
  const windows = desktop === null ? [] : windowWaits(desktop, options);
  const detached = options.letThemGo || windows.length > 0;
  const result = platform.processes.run(program, parameters, runOptions({ ...options, letThemGo: detached }));
  state.lastExitCode = result.exitCode;
  if (!result.started) return result;
  logOutput(context, result);
  if (options.waitForProcessEnding !== "") waitForEnd(context, options);
  for (const isOver of windows)
    waitUntil(isOver, options, () => log.write(level.warning, "Gave up waiting for a window"));
  sleepMilliseconds(options.waitSeconds * 1000 - (Date.now() - started));
  return result;
}

/** What has to come true, one after the other; a window cannot be gone before it was there. */
function windowWaits(desktop: Desktop, { waitForWindow, waitForWindowVanish }: ProgramOptions): (() => boolean)[] {
  const waits: (() => boolean)[] = [];
  for (const title of [waitForWindow, waitForWindowVanish]) {
    if (title !== "") waits.push(() => desktop.hasWindow(title));
  }
  if (waitForWindowVanish !== "") waits.push(() => !desktop.hasWindow(waitForWindowVanish));
  return waits;
}

function waitUntil(isOver: () => boolean, { timeoutSeconds }: ProgramOptions, gaveUp: () => void): void {
  const end = Date.now() + (timeoutSeconds ?? longestWaitSeconds) * 1000;
  while (!isOver()) {
    if (Date.now() >= end) {
      gaveUp();
      return;
    }
    sleepMilliseconds(200);
  }
}

/** Whatever is waited for without a time given by the script. */
const longestWaitSeconds = 3600;

export function logOutput({ log }: Context, { output, exitCode }: RunResult): void {
  if (log.isOn(level.debug)) {
    for (const line of outputLines(output)) log.write(level.debug, line);
  }
  log.write(level.info, `ExitCode ${exitCode}`);
}

/**
 * Waits until a process of that name has appeared and ended again (sections §9). Our own command lines name scripts and
 * products, often those of the program that is waited for.
 */
function waitForEnd({ platform: { processes }, log }: Context, options: ProgramOptions): void {
  const name = options.waitForProcessEnding;
  const end = Date.now() + (options.timeoutSeconds ?? longestWaitSeconds) * 1000;
  const own = ownProcesses(processes);
  const isThere = () =>
    processes.list().some(({ pid, command, line }) => !own.has(pid) && (command === name || line.includes(name)));
  const appearance = Math.min(end, Date.now() + 10_000);
  while (!isThere() && Date.now() < appearance) sleepMilliseconds(100);
  while (isThere()) {
    if (Date.now() >= end) {
      log.write(level.warning, `${name} has not ended in time`);
      return;
    }
    sleepMilliseconds(200);
  }
}

/** Writes the lines to a file that only we may read, hands its path on and removes it afterwards. */
export function withScriptFile<T>(
  lines: readonly string[],
  extension: string,
  encoding: string,
  keep: boolean,
  use: (file: string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), "_opsiscript_"));
  try {
    const path = join(folder, `_opsiscript_${process.pid}${extension}`);
    writeFileSync(path, encode(lines.map((line) => line + EOL).join(""), encoding), { mode: 0o700 });
    return use(toBytes(path));
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}
