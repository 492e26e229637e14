import { existsSync } from "node:fs";
import { nativeDelimiters } from "../files/file-paths.ts";
import { level } from "../log/log.ts";
import { sleepMilliseconds } from "../platform/processes.ts";
import type { Context } from "../run/context.ts";
import { toText, trim } from "../text/bytes.ts";
import { plainParameters } from "./command-line.ts";
import { type ProgramOptions, parseProgramOptions } from "./program-options.ts";
import { runProgram } from "./program-run.ts";
import { commandLines, type SectionHandler } from "./section.ts";

const attempts = 10;
const pauseMilliseconds = 400;

/** Each line is a program with its arguments, without a shell (sections §9). */
export const winBatch: SectionHandler = {
  run: (call) => {
    const options = parseProgramOptions(call.substitute(call.parameters), call.evaluate);
    for (const { text } of commandLines(call)) runCommandLine(call.context, trim(text), options);
    return [];
  },
};

/**
 * Runs one line. Only the program may be quoted. Windows gets what follows unchanged; on Unix it is split at blanks,
 * quotes are data: what the original does there.
 *
 * @returns the exit code, -1 when the program could not be started
 */
export function runCommandLine(context: Context, line: string, options: ProgramOptions): number {
  const { program, rest } = splitProgram(line);
  waitForFile(context, program);
  const { processes } = context.platform;
  const path = processes.seenBy(nativeDelimiters(program), options.is32Bit);
  const result = runProgram(context, path, plainParameters(processes, rest), options);
  if (!result.started) context.error(`Cannot start ${program}: ${result.output}`);
  return result.exitCode;
}

function splitProgram(line: string): { program: string; rest: string } {
  const quote = line[0];
  if (quote === '"' || quote === "'") {
    const end = line.indexOf(quote, 1);
    if (end > 0) return { program: line.slice(1, end), rest: line.slice(end + 1) };
  }
  const at = line.search(/[ \t]/);
  return at < 0 ? { program: line, rest: "" } : { program: line.slice(0, at), rest: line.slice(at + 1) };
}

/** A program that an installer has just written may be late. */
function waitForFile(context: Context, program: string): void {
  if (!/[\\/]/.test(program)) return;
  const path = toText(nativeDelimiters(program));
  for (let attempt = 0; attempt < attempts && !existsSync(path); attempt++) {
    context.log.write(level.warning, `${program} not found, waiting`);
    sleepMilliseconds(pauseMilliseconds);
  }
}
