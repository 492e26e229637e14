import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nearestName } from "@opsi-ts/model/nearest-name";
import { parseConfigFile } from "./config-file.ts";
import {
  type Option,
  type OptionName,
  type Options,
  optionFlag,
  optionTable,
  optionVariable,
  otherOptions,
  type Surroundings,
} from "./option-table.ts";
import { type SiteFolders, siteFolders } from "./site-folders.ts";

/** Wrong configuration. `problems` are whole sentences, one per thing to correct. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

export interface Configuration {
  readonly options: Options;
  readonly folders: SiteFolders;
  /** Fully qualified name of this machine. */
  readonly hostName: string;
  /** Where options are read from and written to. */
  readonly configFile: string;
  /** Things that work but deserve a line in the log. */
  readonly warnings: readonly string[];
}

export interface Sources {
  readonly commandLine: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Used when neither command line nor environment name a root folder. */
  readonly defaultRoot: string;
  readonly hostName: string;
}

/**
 * Options from, later wins: built-in default, config file, environment, command line. (service 7.1)
 *
 * @throws ConfigurationError with every problem at once: unknown names (and the nearest known one), bad values
 */
export function readConfiguration(sources: Sources): Configuration {
  const problems: string[] = [];
  const warnings: string[] = [];
  const given = parseCommandLine(sources.commandLine, problems);
  const root = given.get("root") ?? sources.environment["OPSICONFD_ROOT"] ?? sources.defaultRoot;
  const folders = siteFolders(root);
  const named = given.get("config-file") ?? sources.environment["OPSICONFD_CONFIG_FILE"];
  const configFile = resolve(named ?? join(folders.configuration, "opsiconfd.conf"));
  if (named !== undefined && !existsSync(configFile)) problems.push(`The config file ${configFile} does not exist.`);
  const inFile = existsSync(configFile) ? parseConfigFile(readFileSync(configFile, "utf8")) : new Map<string, string>();
  for (const name of inFile.keys()) {
    if (known.has(name)) continue;
    if (otherOptions.has(name)) warnings.push(`option '${name}' in ${configFile} has no effect on this server`);
    else problems.push(unknownOption(`'${name}' in ${configFile}`, name));
  }

  const values: Record<string, unknown> = {};
  let surroundings: Surroundings = { folders, hostName: sources.hostName, port: 0 };
  for (const name of Object.keys(optionTable) as OptionName[]) {
    const option = optionTable[name] as Option<unknown>;
    const flag = optionFlag(name);
    const variable = optionVariable(name);
    const [text, where] =
      given.get(flag) !== undefined
        ? [given.get(flag), `--${flag}`]
        : sources.environment[variable] !== undefined
          ? [sources.environment[variable], variable]
          : [inFile.get(flag), `'${flag}' in ${configFile}`];
    values[name] = optionValue(option, text, where, surroundings, problems);
    if (name === "port") surroundings = { ...surroundings, port: Number(values[name]) };
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { options: values as Options, folders, hostName: sources.hostName, configFile, warnings };
}

function optionValue(
  option: Option<unknown>,
  text: string | undefined,
  where: string,
  surroundings: Surroundings,
  problems: string[],
): unknown {
  if (text !== undefined) {
    try {
      return option.kind.parse(text);
    } catch (error) {
      const why = option.secret ? "the value is not right" : error instanceof Error ? error.message : String(error);
      problems.push(`${where}: ${why}.`);
    }
  }
  return typeof option.initial === "function" ? option.initial(surroundings) : option.initial;
}

/** Names that only the command line and the environment may set: they say where everything else is. */
const places = new Set(["root", "config-file"]);
const flags = new Map((Object.keys(optionTable) as OptionName[]).map((name) => [optionFlag(name), name] as const));
const known: ReadonlySet<string> = new Set([...flags.keys()]);
const shorts = new Map<string, string>([
  ["c", "config-file"],
  ...[...flags].flatMap(([flag, name]) => {
    const { short } = optionTable[name] as Option<unknown>;
    return short === undefined ? [] : ([[short, flag]] as [string, string][]);
  }),
]);

/** `--name value`, `--name=value`, `-l value`; a list takes every following word, a flag may stand alone. */
export function parseCommandLine(words: readonly string[], problems: string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (let at = 0; at < words.length; ) {
    const word = words[at++] ?? "";
    const match = /^(?:--([A-Za-z][\w-]*)|-([A-Za-z]))(?:=(.*))?$/s.exec(word);
    if (match === null) {
      problems.push(`'${word}' is not expected here; options are written --name value.`);
      continue;
    }
    const flag = match[1]?.toLowerCase().replaceAll("_", "-") ?? shorts.get(match[2] ?? "") ?? word;
    const name = flags.get(flag);
    if (name === undefined && !places.has(flag)) {
      problems.push(
        otherOptions.has(flag) ? `The option --${flag} has no effect on this server.` : unknownOption(word, flag),
      );
      while (at < words.length && !words[at]?.startsWith("-")) at++;
      continue;
    }
    const shape = name === undefined ? "value" : (optionTable[name] as Option<unknown>).kind.shape;
    if (match[3] !== undefined) {
      values.set(flag, match[3]);
    } else if (shape === "value") {
      const value = words[at++];
      if (value === undefined) problems.push(`The option --${flag} needs a value.`);
      else values.set(flag, value);
    } else {
      const following: string[] = [];
      while (at < words.length && !words[at]?.startsWith("-") && (shape === "list" || following.length === 0)) {
        following.push(words[at++] ?? "");
      }
      values.set(flag, shape === "flag" ? (following[0] ?? "true") : following.join(" "));
    }
  }
  return values;
}

function unknownOption(written: string, name: string): string {
  const nearest = nearestName(name.replace(/^-+/, ""), [...known, ...places]);
  return `Unknown option ${written}.${nearest === null ? "" : ` Did you mean '${nearest}'?`}`;
}
