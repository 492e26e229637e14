import type { Answer, OutputFormat } from "./answer/answer.ts";
import type { AnyCommand } from "./command.ts";
import { commandIndex } from "./command-index.ts";
import { findCommand } from "./find-command.ts";
import type { GlobalOptions } from "./global-options.ts";
import { overview, unknownCommand } from "./help.ts";
import type { Surroundings } from "./surroundings.ts";
import { UsageError } from "./usage-error.ts";

export const version = "0.1.0";

/**
 * Runs one command line and returns its exit code: 0 done, 1 failed (one line on stderr), 2 wrong usage,
 * 130 interrupted. Loads only what the command needs.
 */
export async function runOpsi(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { stdout, stderr, signal } = surroundings;
  const names = commandIndex.map(({ name }) => name);
  const found = findCommand(argv, names);
  switch (found.kind) {
    case "version":
      stdout.write(`${version}\n`);
      return 0;
    case "help":
      stdout.write(overview(found.group));
      return 0;
    case "incomplete":
      stderr.write(overview(found.group));
      return 2;
    case "unknown":
      stderr.write(`opsi: ${unknownCommand(found.words)}\n`);
      return 2;
    case "unknown option":
      stderr.write(`opsi: unknown option '${found.option}'\nSee 'opsi --help'.\n`);
      return 2;
    case "command":
      break;
    default:
      return found satisfies never;
  }
  const entry = commandIndex.find(({ name }) => name === found.name);
  if (entry === undefined) throw new Error(`${found.name} is not in the index`);
  const { default: command } = await entry.load();
  let globals: Pick<GlobalOptions, "trust" | "caFile"> = { trust: false, caFile: undefined };
  try {
    const { parseArguments } = await import("./parse-arguments.ts");
    const parsed = parseArguments(command, command.passThrough ? [] : found.rest, stdout.columns);
    if (parsed.kind === "help") {
      stdout.write(parsed.text);
      return 0;
    }
    if (command.passThrough) parsed.values["words"] = found.rest;
    globals = parsed.globals;
    return await run(command, parsed, surroundings);
  } catch (error) {
    if (signal.aborted || (error instanceof Error && error.name === "Interrupted")) {
      stderr.write("Interrupted\n");
      return 130;
    }
    if (error instanceof UsageError) {
      stderr.write(`opsi ${found.name}: ${oneLine(error.message)}\nSee 'opsi ${found.name} --help'.\n`);
      return 2;
    }
    const { hintFor } = await import("./context.ts");
    const message = error instanceof Error ? error.message : String(error);
    stderr.write(`opsi ${found.name}: ${oneLine(message)}${hintFor(error, globals)}\n`);
    if (surroundings.environment["OPSI_DEBUG"] === "1" && error instanceof Error) stderr.write(`${error.stack}\n`);
    return 1;
  }
}

async function run(
  command: AnyCommand,
  parsed: { readonly values: Record<string, unknown>; readonly globals: GlobalOptions },
  surroundings: Surroundings,
): Promise<number> {
  const { openContext } = await import("./context.ts");
  const { globals } = parsed;
  let answer: Answer | undefined;
  {
    await using context = openContext(globals, surroundings);
    // The values were made from this command's own declaration.
    answer = await command.run(context, parsed.values as never);
  }
  if (answer === undefined) return 0;
  await show(answer, command.output ?? "table", globals, surroundings);
  if (answer.failure !== undefined) surroundings.stderr.write(`opsi ${command.name}: ${answer.failure}\n`);
  return answer.exitCode ?? (answer.failure === undefined ? 0 : 1);
}

async function show(
  answer: Answer,
  own: OutputFormat,
  globals: GlobalOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, folder } = surroundings;
  const { wantsColor } = await import("./terminal/color.ts");
  const { formatAnswer } = await import("./answer/format-answer.ts");
  const format = globals.output === "auto" ? own : globals.output;
  const toFile = globals.outputFile !== undefined && globals.outputFile !== "-";
  const onTerminal = stdout.isTTY === true && !toFile;
  const content = formatAnswer(answer, {
    format: format === "auto" ? "table" : format,
    attributes: globals.attributes ?? null,
    sortBy: globals.sortBy ?? null,
    header: globals.header,
    color: wantsColor({ globals, surroundings }),
    width: onTerminal ? (stdout.columns ?? null) : null,
  });
  if (toFile && globals.outputFile !== undefined) {
    const { writeFile } = await import("node:fs/promises");
    const { resolve } = await import("node:path");
    await writeFile(resolve(folder, globals.outputFile), content);
  } else if (content.length > 0) stdout.write(content);
}

/** Errors of services may have several lines; one on stderr is what scripts and people expect. */
function oneLine(message: string): string {
  return message
    .trim()
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
