import { SyntaxProblem } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { builtin } from "./builtin.ts";

/**
 * Functions about things that exist on Windows only. Elsewhere they complain in the log and give what the original
 * gives there.
 */
export function onlyOnWindows(context: Context, name: string): void {
  context.log.write(level.error, `${name} is only implemented for Windows`);
}

const key = { name: "key", type: "string" } as const;
const access = { name: "access", type: "string", optional: true } as const;

const errorText = (name: string) =>
  builtin({
    name,
    parameters: [{ name: "name", type: "string" }],
    returns: "string",
    doc: "Windows only; Error elsewhere.",
    examples: [],
    run: (context) => {
      onlyOnWindows(context, name);
      return "Error";
    },
  });

export const sidToName = errorText("SidToName");
export const nameToSID = errorText("NameToSID");
export const getRegistryStringValue = errorText("GetRegistryStringValue");
export const getRegistryStringValue32 = errorText("GetRegistryStringValue32");
export const getRegistryStringValue64 = errorText("GetRegistryStringValue64");
export const getRegistryStringValueSysNative = errorText("GetRegistryStringValueSysNative");

export const getUserSID = builtin({
  name: "GetUserSID",
  parameters: [{ name: "user", type: "string" }],
  returns: "string",
  doc: "Windows: the security id of a user.",
  examples: [],
  run: () => {
    throw new SyntaxProblem("GetUserSID is only implemented for Windows");
  },
});

export const getShortWinPathName = builtin({
  name: "GetShortWinPathName",
  parameters: [{ name: "path", type: "string" }],
  returns: "string",
  doc: "Windows: the path in 8.3 form.",
  examples: [],
  run: () => {
    throw new SyntaxProblem("GetShortWinPathName is only implemented for Windows");
  },
});

export const getRegistryValue = builtin({
  name: "GetRegistryValue",
  parameters: [key, { name: "variable", type: "string" }, access],
  returns: "string",
  doc: "Windows: a value of the registry.",
  examples: [],
  run: (context) => {
    onlyOnWindows(context, "GetRegistryValue");
    return "Error";
  },
});

const emptyList = (name: string, parameters: readonly (typeof key | typeof access)[]) =>
  builtin({
    name,
    parameters,
    returns: "list",
    doc: "Windows only; an empty list elsewhere.",
    examples: [],
    run: (context) => {
      onlyOnWindows(context, name);
      return [];
    },
  });

const views = ["32", "64", "Sysnative"];
const registryLists = ["getRegistryKeyList", "getRegistryVarList", "getRegistryVarMap"].flatMap((name) => [
  emptyList(name, [key, access]),
  ...views.map((view) => emptyList(name + view, [key])),
]);
const fileInfoMaps = ["", ...views].map((view) => emptyList(`getFileInfoMap${view}`, [key]));
const versionMaps = ["getMSVersionMap", "getMacosVersionMap", "getLocaleInfoMap", "getLocaleInfo"].map((name) =>
  emptyList(name, []),
);

/** Declarations that differ in their names only. */
export const windowsLists = [...registryLists, ...fileInfoMaps, ...versionMaps];

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

const falseTest = (name: string, count: number, optional: boolean) =>
  builtin({
    name,
    parameters: [
      ...Array.from({ length: count }, (_, index) => ({ name: `value${index + 1}`, type: "string" }) as const),
      ...(optional ? [access] : []),
    ],
    returns: "boolean",
    doc: "Windows only; false elsewhere.",
    examples: [],
    run: (context) => {
      onlyOnWindows(context, name);
      return false;
    },
  });

export const windowsTests = [
  falseTest("RegKeyExists", 1, true),
  falseTest("RegVarExists", 2, true),
  ...["32", "64", "SysNative"].map((view) => falseTest(`FileExists${view}`, 1, false)),
  falseTest("XMLAddNamespace", 3, false),
  falseTest("XMLRemoveNamespace", 3, false),
  falseTest("isDriveReady", 1, false),
];
