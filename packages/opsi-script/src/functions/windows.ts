import { readFileSync, writeFileSync } from "node:fs";
import { statOf } from "../files/file-content.ts";
import { expandPath } from "../files/file-paths.ts";
import { addNamespace, removeNamespace } from "../files/xml-namespace.ts";
import { reasonOf, SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Platform } from "../platform/platform.ts";
import type { SystemInformation } from "../platform/system-information.ts";
import type { Users } from "../platform/users.ts";
import type { Context } from "../run/context.ts";
import { toText, trim } from "../text/bytes.ts";
import { builtin } from "./builtin.ts";

/**
 * Functions about things that exist on Windows only. Elsewhere they complain in the log and give what the original
 * gives there.
 */
export function onlyOnWindows(context: Context, name: string): void {
  context.log.write(level.error, `${name} is only implemented for Windows`);
}

const key = { name: "key", type: "string" } as const;

/** What only Windows has; told in the log and `null` elsewhere. */
function windowsOnly<T>(context: Context, name: string, part: T | null): T | null {
  if (part === null) onlyOnWindows(context, name);
  return part;
}

const accountFunction = (name: string, doc: string, find: (users: Users, text: string) => string) =>
  builtin({
    name,
    parameters: [{ name: "name", type: "string" }],
    returns: "string",
    doc: `${doc} Windows only; Error elsewhere.`,
    examples: [],
    run: (context, text) => {
      const users = windowsOnly(context, name, context.platform.users);
      return users === null ? "Error" : find(users, trim(text));
    },
  });

export const sidToName = accountFunction("SidToName", "Name of a security id.", (users, id) => users.nameOf(id));
export const nameToSID = accountFunction("NameToSID", "Security id of a name.", (users, name) =>
  users.securityIdOf(name),
);

export const getUserSID = builtin({
  name: "GetUserSID",
  parameters: [{ name: "user", type: "string" }],
  returns: "string",
  doc: "Windows: the security id of a user.",
  examples: [],
  run: (context, user) => {
    const { users } = context.platform;
    if (users === null) throw new SyntaxProblem("GetUserSID is only implemented for Windows");
    const id = users.securityIdOf(trim(user));
    if (id === "") context.error(`GetUserSID: no user ${user}`);
    return id;
  },
});

export const getShortWinPathName = builtin({
  name: "GetShortWinPathName",
  parameters: [{ name: "path", type: "string" }],
  returns: "string",
  doc: "Windows: the path in 8.3 form.",
  examples: [],
  run: ({ platform: { fileDetails } }, path) => {
    if (fileDetails === null) throw new SyntaxProblem("GetShortWinPathName is only implemented for Windows");
    return fileDetails.shortPathOf(expandPath(path));
  },
});

const fileInfoMaps = (
  [
    ["", true],
    ["32", true],
    ["64", false],
    ["Sysnative", false],
  ] as const
).map(([suffix, is32Bit]) =>
  builtin({
    name: `getFileInfoMap${suffix}`,
    parameters: [key],
    returns: "list",
    doc: "Windows: versions and texts inside a program as key=value.",
    examples: [],
    run: (context, file) => {
      const details = windowsOnly(context, `getFileInfoMap${suffix}`, context.platform.fileDetails);
      if (details === null) return [];
      const path = context.platform.processes.seenBy(expandPath(file), is32Bit);
      if (!statOf(path)) context.warning(`${file} does not exist`);
      return details.informationOf(path) ?? [];
    },
  }),
);

const informationMap = (
  name: string,
  system: Platform["system"],
  find: (information: SystemInformation) => readonly string[],
) =>
  builtin({
    name,
    parameters: [],
    returns: "list",
    doc: "About the system as key=value; an empty list elsewhere.",
    examples: [],
    run: (context) => {
      if (context.platform.system === system) return find(context.platform.information);
      context.log.write(level.error, `${name} is only implemented for ${system === "macos" ? "macOS" : "Windows"}`);
      return [];
    },
  });

const valueBehind = (line: string) => line.slice(line.indexOf("=") + 1);

/** Declarations that differ in their names only. */
export const windowsLists = [
  ...fileInfoMaps,
  informationMap("getMSVersionMap", "windows", (information) => information.windowsVersionMap()),
  informationMap("getLocaleInfoMap", "windows", (information) => information.localeMap()),
  informationMap("getLocaleInfo", "windows", (information) => information.localeMap().slice(0, 7).map(valueBehind)),
  informationMap("getMacosVersionMap", "macos", () => []),
];

export const getListFromWMI = builtin({
  name: "getListFromWMI",
  parameters: [
    { name: "namespace", type: "string" },
    { name: "class", type: "string" },
    { name: "properties", type: "list" },
    { name: "condition", type: "string" },
  ],
  returns: "list",
  doc: "Windows: properties of WMI objects as key=value.",
  examples: [],
  run: (context) => {
    onlyOnWindows(context, "getListFromWMI");
    return [];
  },
});

export const getSlowInfoMap = builtin({
  name: "getSlowInfoMap",
  parameters: [key, { name: "name", type: "string" }],
  returns: "list",
  doc: "Windows: what the system remembers about installed software.",
  examples: [],
  run: (context) => {
    onlyOnWindows(context, "getSlowInfoMap");
    return [];
  },
});

export const getSwauditInfoList = builtin({
  name: "getSwauditInfoList",
  parameters: [key, { name: "name", type: "string" }, { name: "view", type: "string" }],
  returns: "list",
  doc: "Windows: installed software for the audit.",
  examples: [],
  run: (context) => {
    onlyOnWindows(context, "getSwauditInfoList");
    return [];
  },
});

const fileTests = (
  [
    ["32", true],
    ["64", false],
    ["SysNative", false],
  ] as const
).map(([suffix, is32Bit]) =>
  builtin({
    name: `FileExists${suffix}`,
    parameters: [{ name: "path", type: "string" }],
    returns: "boolean",
    doc: "Windows: whether there is such a file or directory, as programs of this kind see it.",
    examples: [],
    run: (context, path) => {
      if (windowsOnly(context, `FileExists${suffix}`, context.platform.fileDetails) === null) return false;
      return path !== "" && statOf(context.platform.processes.seenBy(expandPath(path), is32Bit)) !== undefined;
    },
  }),
);

const namespaceFunction = (name: string, change: typeof addNamespace) =>
  builtin({
    name,
    parameters: [
      { name: "file", type: "string" },
      { name: "element", type: "string" },
      { name: "namespace", type: "string" },
    ],
    returns: "boolean",
    doc: "Windows: changes the first start tag of an element in an XML file; whether it was changed.",
    examples: [],
    run: (context, file, element, namespace) => {
      if (context.platform.system !== "windows") {
        onlyOnWindows(context, name);
        return false;
      }
      const path = toText(expandPath(file));
      try {
        const before = readFileSync(path, "latin1");
        const after = change(before, element, namespace);
        if (after !== before) writeFileSync(path, after, "latin1");
        return after !== before;
      } catch (error) {
        context.error(`${name}: ${reasonOf(error)}`);
        return false;
      }
    },
  });

export const windowsTests = [
  ...fileTests,
  namespaceFunction("XMLAddNamespace", addNamespace),
  namespaceFunction("XMLRemoveNamespace", removeNamespace),
  builtin({
    name: "isDriveReady",
    parameters: [{ name: "drive", type: "string" }],
    returns: "boolean",
    doc: "Windows: whether a drive such as C: has a medium that can be read.",
    examples: [],
    run: (context, drive) =>
      windowsOnly(context, "isDriveReady", context.platform.fileDetails)?.isDriveReady(drive) ?? false,
  }),
];
