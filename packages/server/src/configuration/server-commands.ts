import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OpsiError, pythonTypeName } from "@opsi-ts/model";
import { writeFileAtomically } from "./atomic-file.ts";
import { isRecord } from "./is-record.ts";

/** A command that administrators call from a menu. (methods 12.6) */
export interface ServerCommand {
  readonly menuText: string;
  readonly commands: readonly string[];
  readonly id: string;
  readonly position: number | null;
  readonly needSudo: boolean;
  readonly tooltipText: string | null;
  readonly parentMenuText: string | null;
  readonly buildIn: boolean;
}

const invalid = (field: string, problem: string) => new OpsiError("ValidationError", `${field}: ${problem}`, { field });

function optional<T>(value: unknown, field: string, type: "number" | "string" | "boolean", initial: T): T {
  if (value === undefined || value === null) return initial;
  if (typeof value === type && (type !== "number" || Number.isInteger(value))) return value as T;
  throw invalid(field, `${type} expected, not ${pythonTypeName(value)}`);
}

/** @throws ValidationError naming the field; unknown fields are dropped */
export function serverCommand(given: unknown): ServerCommand {
  if (!isRecord(given)) {
    throw invalid("command", `object expected, not ${pythonTypeName(given)}`);
  }
  const { menuText, commands, ...rest } = given;
  if (typeof menuText !== "string" || menuText.trim() === "") throw invalid("menuText", "must not be empty");
  if (!Array.isArray(commands) || commands.length === 0 || !commands.every((line) => typeof line === "string")) {
    throw invalid("commands", "a list of texts is needed that is not empty");
  }
  return {
    menuText,
    commands,
    id: menuText.trim().toLowerCase().replaceAll(" ", "_"),
    position: optional<number | null>(rest["position"], "position", "number", null),
    needSudo: optional(rest["needSudo"], "needSudo", "boolean", false),
    tooltipText: optional<string | null>(rest["tooltipText"], "tooltipText", "string", null),
    parentMenuText: optional<string | null>(rest["parentMenuText"], "parentMenuText", "string", null),
    buildIn: optional(rest["buildIn"], "buildIn", "boolean", false),
  };
}

/**
 * The server commands of a site: default ones, and over them those that administrators wrote. Each file has one JSON
 * object per line; a line that says nothing sensible is skipped. (methods 12.6)
 */
export class ServerCommands {
  readonly #defaults: string;
  readonly #custom: string;
  readonly #onBadLine: (path: string, reason: string) => void;

  constructor(
    folders: { readonly configuration: string; readonly state: string },
    onBadLine: (path: string, reason: string) => void,
  ) {
    this.#defaults = join(folders.configuration, "server_commands_default.conf");
    this.#custom = join(folders.state, "server_commands_custom.conf");
    this.#onBadLine = onBadLine;
  }

  /** By menu text. */
  read(): Map<string, ServerCommand> {
    const commands = new Map<string, ServerCommand>();
    for (const command of this.#lines(this.#defaults)) commands.set(command.menuText, { ...command, buildIn: true });
    for (const command of this.#lines(this.#custom)) commands.set(command.menuText, { ...command, buildIn: false });
    return commands;
  }

  /** Reads, changes and writes without anything in between. */
  change(work: (commands: Map<string, ServerCommand>) => void): void {
    const commands = this.read();
    work(commands);
    const own = [...commands.values()].filter(({ buildIn }) => !buildIn);
    const lines = own.map(({ buildIn: _buildIn, ...command }) => JSON.stringify(command));
    // What was not understood may be put right by whoever wrote it.
    const others = linesOf(this.#custom).filter((line) => typeof commandIn(line) === "string");
    writeFileAtomically(this.#custom, [...others, ...lines].map((line) => `${line}\n`).join(""));
  }

  *#lines(path: string): Iterable<ServerCommand> {
    for (const line of linesOf(path)) {
      const command = commandIn(line);
      if (typeof command === "string") this.#onBadLine(path, command);
      else yield command;
    }
  }
}

function linesOf(path: string): string[] {
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
    : [];
}

/** What is wrong with the line, where it says nothing sensible. */
function commandIn(line: string): ServerCommand | string {
  try {
    return serverCommand(JSON.parse(line));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
