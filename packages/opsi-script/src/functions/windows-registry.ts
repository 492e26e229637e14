import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import { type Registry, type RegistryView, splitKey } from "../platform/registry.ts";
import { registryText } from "../platform/registry-values.ts";
import type { Context } from "../run/context.ts";
import { machineKeys } from "../sections/registry-keys.ts";
import { trim } from "../text/bytes.ts";
import { builtin } from "./builtin.ts";
import { onlyOnWindows } from "./windows.ts";

const key = { name: "key", type: "string" } as const;
const access = { name: "access", type: "string", optional: true } as const;

/** @throws SyntaxProblem for an unknown view */
function viewOf(access: string | undefined): RegistryView {
  switch (access?.toLowerCase()) {
    case undefined:
    case "sysnative":
    case "64bit":
      return 64;
    case "32bit":
      return 32;
    default:
      throw new SyntaxProblem(`32bit, 64bit or sysnative expected: ${access}`);
  }
}

/**
 * Looks something up in the registry; `missing` where there is none, and where the system refuses, which is an error of
 * the script. The user's keys are those of the user in work.
 */
function look<T>(
  context: Context,
  name: string,
  given: string,
  missing: T,
  find: (registry: Registry, key: string) => T,
): T {
  const { registry } = context.platform;
  if (registry === null) {
    onlyOnWindows(context, name);
    return missing;
  }
  const path = machineKeys(context, "", false)(trim(given).replace(/^\[(.*)\]$/s, "$1"));
  if (path === null || splitKey(path) === null) {
    context.error(`${name}: unknown root: ${given}`);
    return missing;
  }
  try {
    return find(registry, path);
  } catch (problem) {
    if (problem instanceof SyntaxProblem) throw problem;
    context.error(`${name}: ${reasonOf(problem)}`);
    return missing;
  }
}

function readValue(context: Context, name: string, given: string, variable: string, access: string | undefined) {
  const missing = context.platform.registry === null ? "Error" : "";
  return look(context, name, given, missing, (registry, path) => {
    const value = registry.read(path, variable, viewOf(access));
    return value === null ? "" : registryText(value);
  });
}

export const getRegistryValue = builtin({
  name: "GetRegistryValue",
  parameters: [key, { name: "variable", type: "string" }, access],
  returns: "string",
  doc: "Windows: a value of the registry.",
  examples: [],
  run: (context, path, variable, view) => readValue(context, "GetRegistryValue", path, variable, view),
});

/** `[KEY] VARIABLE` in one text: what the older functions take. */
const textValues = (
  [
    ["", "32bit"],
    ["32", "32bit"],
    ["64", "64bit"],
    ["SysNative", "sysnative"],
  ] as const
).map(([suffix, view]) =>
  builtin({
    name: `GetRegistryStringValue${suffix}`,
    parameters: [{ name: "place", type: "string" }],
    returns: "string",
    doc: "Windows: the value that [KEY] VARIABLE names.",
    examples: [],
    run: (context, place) => {
      const [, path = "", variable = ""] = /^\s*\[(.*)\]\s*(.*?)\s*$/s.exec(place) ?? [];
      return readValue(context, `GetRegistryStringValue${suffix}`, path, variable.replace(/^"(.*)"$/s, "$1"), view);
    },
  }),
);

type List = (registry: Registry, path: string, view: RegistryView) => readonly string[] | null;

const lists: Readonly<Record<string, readonly [doc: string, find: List]>> = {
  getRegistryKeyList: ["names of the keys directly below", (registry, path, view) => registry.subkeys(path, view)],
  getRegistryVarList: ["names of the values", (registry, path, view) => registry.names(path, view)],
  getRegistryVarMap: [
    "values as name=value",
    (registry, path, view) =>
      (registry.names(path, view) ?? []).map((name) => {
        const value = registry.read(path, name, view);
        return `${name}=${value === null ? "" : registryText(value)}`;
      }),
  ],
};

const views = [
  ["32", 32],
  ["64", 64],
  ["Sysnative", 64],
] as const;

const listFunction = (name: string, doc: string, find: List, view: RegistryView | null) =>
  builtin({
    name,
    parameters: view === null ? [key, access] : [key],
    returns: "list",
    doc: `Windows: ${doc} of a key; an empty list elsewhere.`,
    examples: [],
    run: (context, path, ...rest) =>
      look(context, name, path, [], (registry, found) => [...(find(registry, found, view ?? viewOf(rest[0])) ?? [])]),
  });

/** Declarations that differ in their names only. */
export const registryLists = [
  ...textValues,
  ...Object.entries(lists).flatMap(([name, [doc, find]]) => [
    listFunction(name, doc, find, null),
    ...views.map(([suffix, view]) => listFunction(name + suffix, doc, find, view)),
  ]),
];

export const regKeyExists = builtin({
  name: "RegKeyExists",
  parameters: [key, access],
  returns: "boolean",
  doc: "Windows: whether there is such a key.",
  examples: [],
  run: (context, path, view) =>
    look(context, "RegKeyExists", path, false, (registry, found) => registry.keyExists(found, viewOf(view))),
});

export const regVarExists = builtin({
  name: "RegVarExists",
  parameters: [key, { name: "variable", type: "string" }, access],
  returns: "boolean",
  doc: "Windows: whether a key has such a value.",
  examples: [],
  run: (context, path, variable, view) =>
    look(
      context,
      "RegVarExists",
      path,
      false,
      (registry, found) => registry.read(found, variable, viewOf(view)) !== null,
    ),
});
