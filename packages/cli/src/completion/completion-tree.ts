import { allCommands } from "../all-commands.ts";
import type { AnyCommand, Parameter } from "../command.ts";
import { globalOptions } from "../global-options.ts";

/** What may stand for a value. */
export type Value =
  | { readonly kind: "choices"; readonly choices: readonly string[] }
  | { readonly kind: "file" | "folder" | "text" };

export interface CompletedOption {
  readonly short: string | null;
  readonly long: string;
  readonly doc: string;
  /** null = a switch. */
  readonly value: Value | null;
}

export interface CompletedCommand {
  /** `client list` */
  readonly name: string;
  readonly doc: string;
  readonly options: readonly CompletedOption[];
  /** The last one repeats. */
  readonly arguments: readonly Value[];
}

export interface CompletionTree {
  readonly commands: readonly CompletedCommand[];
  readonly globals: readonly CompletedOption[];
  /** Words that may follow a prefix: `""` -> `client`, `package`, …; `client` -> `list`, …. */
  readonly words: ReadonlyMap<string, readonly string[]>;
}

/** Everything that shells can complete, from the declarations of the commands. */
export async function completionTree(): Promise<CompletionTree> {
  const commands = (await allCommands()).map(completed);
  const words = new Map<string, string[]>();
  for (const { name } of commands) {
    const parts = name.split(" ");
    for (const [index, part] of parts.entries()) {
      const prefix = parts.slice(0, index).join(" ");
      const known = words.get(prefix) ?? [];
      if (!known.includes(part)) words.set(prefix, [...known, part]);
    }
  }
  return { commands, words, globals: [...Object.values(globalOptions).map(completedOption), help] };
}

const help: CompletedOption = { short: "-h", long: "--help", doc: "show help", value: null };

function completed(command: AnyCommand): CompletedCommand {
  return {
    name: command.name,
    doc: command.doc,
    options: Object.values(command.options ?? {}).map(completedOption),
    arguments: Object.values(command.arguments ?? {}).map(possibleValue),
  };
}

function completedOption(option: Parameter): CompletedOption {
  const [, short = null, long = ""] = /^(?:(-\w), )?(--[\w-]+)/.exec(option.flags) ?? [];
  return { short, long, doc: option.doc, value: option.flags.includes("<") ? possibleValue(option) : null };
}

function possibleValue(parameter: Parameter): Value {
  if (parameter.choices !== undefined) return { kind: "choices", choices: parameter.choices };
  return { kind: parameter.complete ?? "text" };
}
