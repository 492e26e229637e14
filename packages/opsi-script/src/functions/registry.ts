import type { AnyBuiltin, Overloads, ResultType } from "./builtin.ts";
import * as crypt from "./crypt.ts";
import * as files from "./files.ts";
import * as json from "./json.ts";
import * as lists from "./lists.ts";
import * as maps from "./maps.ts";
import * as network from "./network.ts";
import * as numbers from "./numbers.ts";
import * as processes from "./processes.ts";
import * as regex from "./regex.ts";
import * as service from "./service.ts";
import * as strings from "./strings.ts";
import * as system from "./system.ts";
import * as toml from "./toml.ts";
import * as urls from "./urls.ts";
import * as windows from "./windows.ts";
import * as windowsRegistry from "./windows-registry.ts";
import * as xml from "./xml.ts";

/** Every built-in function of the language. */
const modules: readonly Readonly<Record<string, unknown>>[] = [
  crypt,
  files,
  json,
  lists,
  maps,
  network,
  numbers,
  processes,
  regex,
  service,
  strings,
  system,
  toml,
  urls,
  windows,
  windowsRegistry,
  xml,
];

const byName = new Map<string, { -readonly [R in ResultType]?: AnyBuiltin<R> }>();

function isBuiltin(value: unknown): value is AnyBuiltin {
  return typeof value === "object" && value !== null && "returns" in value && "run" in value;
}

// a module exports declarations, and lists of declarations that differ in their names only
for (const declaration of modules
  .flatMap((module) => Object.values(module))
  .flat()
  .filter(isBuiltin)) {
  const key = declaration.name.toLowerCase();
  byName.set(key, { ...byName.get(key), [declaration.returns]: declaration });
}

/** The functions with a name, given in lower case. */
export const findBuiltin = (key: string): Overloads | undefined => byName.get(key);

export const allBuiltins = (): AnyBuiltin[] => [...byName.values()].flatMap((overloads) => Object.values(overloads));
