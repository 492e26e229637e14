import { isOpsiError } from "@opsi-ts/model";
import { Argument, Command as Commander, CommanderError, InvalidArgumentError, Option } from "commander";
import type { AnyCommand, Parameter, Parameters } from "./command.ts";
import { type GlobalOptions, globalOptions } from "./global-options.ts";
import { UsageError } from "./usage-error.ts";

export type Parsed =
  | { readonly kind: "run"; readonly values: Record<string, unknown>; readonly globals: GlobalOptions }
  | { readonly kind: "help"; readonly text: string };

/**
 * Reads the words behind the name of a command.
 *
 * @throws UsageError
 */
export function parseArguments(command: AnyCommand, words: readonly string[], width?: number): Parsed {
  const commander = commanderOf(command, width);
  try {
    commander.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { kind: "help", text: commander.helpInformation() };
    throw new UsageError(withoutValue(error.message.replace(/^error: /, "")), { cause: error });
  }
  const options = commander.opts<Record<string, unknown>>();
  const values: Record<string, unknown> = {};
  for (const [key, parameter] of Object.entries(command.options ?? {})) values[key] = parsedValue(parameter, options);
  for (const [index, key] of Object.keys(command.arguments ?? {}).entries()) {
    values[key] = commander.processedArgs[index];
  }
  const globals: Record<string, unknown> = {};
  for (const [key, parameter] of Object.entries<Parameter>(globalOptions))
    globals[key] = parsedValue(parameter, options);
  return { kind: "run", values, globals: globals as GlobalOptions };
}

/** The value of an unknown option is not repeated: the option may be a mistyped --password. */
const withoutValue = (message: string) => message.replace(/^(unknown option '[^'=]*)=.*'/s, "$1'");

function commanderOf(command: AnyCommand, width = 100): Commander {
  const commander = new Commander(`opsi ${command.name}`)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, getOutHelpWidth: () => width })
    .showSuggestionAfterError(true)
    .allowExcessArguments(false);
  const paragraphs = [command.doc, ...(command.details === undefined ? [] : [command.details])];
  commander.description(paragraphs.join("\n\n"));
  for (const parameter of Object.values(command.arguments ?? {})) commander.addArgument(argumentOf(parameter));
  for (const option of optionsOf(command.options ?? {})) commander.addOption(option);
  commander.optionsGroup("Options of all commands:");
  for (const option of optionsOf(globalOptions)) commander.addOption(option);
  commander.helpOption("-h, --help", "show this help");
  const examples = command.examples.map((example) => `  ${example}`).join("\n");
  const plain = commander.helpInformation.bind(commander);
  commander.helpInformation = () => `${plain().trimEnd()}\n\nExamples:\n${examples}\n`;
  return commander;
}

function optionsOf(parameters: Parameters): Option[] {
  return Object.values(parameters).flatMap((parameter) => {
    const option = new Option(parameter.flags, parameter.doc);
    if (parameter.fallback !== undefined) option.default(parameter.fallback);
    if (parameter.choices !== undefined) option.choices(parameter.choices);
    if (parameter.parse !== undefined) option.argParser(checked(parameter.parse));
    if (parameter.alias === undefined) return [option];
    const value = /[<[].*/.exec(parameter.flags)?.[0] ?? "";
    const alias = new Option(`${parameter.alias} ${value}`.trim(), parameter.doc).hideHelp();
    if (parameter.choices !== undefined) alias.choices(parameter.choices);
    if (parameter.parse !== undefined) alias.argParser(checked(parameter.parse));
    return [option, alias];
  });
}

function argumentOf(parameter: Parameter): Argument {
  const argument = new Argument(parameter.flags, parameter.doc);
  if (parameter.fallback !== undefined) argument.default(parameter.fallback);
  else if (parameter.flags.startsWith("[") && parameter.flags.includes("...")) argument.default([]);
  if (parameter.choices !== undefined) argument.choices(parameter.choices);
  if (parameter.parse !== undefined) argument.argParser(checked(parameter.parse));
  return argument;
}

function parsedValue(parameter: Parameter, options: Readonly<Record<string, unknown>>): unknown {
  const key = new Option(parameter.flags).attributeName();
  const given = options[key];
  if (parameter.alias !== undefined) {
    const other = options[new Option(parameter.alias).attributeName()];
    if (other !== undefined) return other;
  }
  if (given !== undefined) return given;
  if (parameter.flags.includes("...")) return [];
  return parameter.flags.includes("<") || parameter.flags.includes("[") ? undefined : false;
}

/** What the model refuses is wrong usage here. */
function checked(parse: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (isOpsiError(error, "ValueError")) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}
