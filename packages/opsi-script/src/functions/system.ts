import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { readVersionFromProfile as readStamp, wasExecutedBefore } from "../run/run-stamps.ts";
import { toBytes } from "../text/bytes.ts";
import { parseInteger64 } from "../text/numbers.ts";
import { builtin } from "./builtin.ts";

export const getOS = builtin({
  name: "GetOS",
  parameters: [],
  returns: "string",
  doc: "Windows_NT, Linux or macOS.",
  examples: [],
  run: ({ platform }) => platform.information.os,
});

/** All versions 6 have the name of the first of them. */
function ntName(version: string | null): string {
  if (version === null) return "No Windows";
  return version.startsWith("6.") ? "Windows Vista" : `Win NT ${version}`;
}

export const getNTVersion = builtin({
  name: "GetNTVersion",
  parameters: [],
  returns: "string",
  doc: "Name of the Windows version; No Windows elsewhere.",
  examples: [],
  run: ({ platform }) => ntName(platform.information.windowsVersion),
});

const notWindows = "Not an OS of type Windows NT";

export const getMSVersionInfo = builtin({
  name: "GetMSVersionInfo",
  parameters: [],
  returns: "string",
  doc: "Windows: major.minor.",
  examples: [],
  run: ({ platform }) => platform.information.windowsVersion ?? notWindows,
});

export const getMSVersionName = builtin({
  name: "GetMSVersionName",
  parameters: [],
  returns: "string",
  doc: "Windows: the name under which the version is sold.",
  examples: [],
  run: ({ platform }) => platform.information.windowsName ?? notWindows,
});

export const getMacosVersionInfo = builtin({
  name: "GetMacosVersionInfo",
  parameters: [],
  returns: "string",
  doc: "macOS: the version.",
  examples: [],
  run: ({ platform }) => platform.information.macosVersion ?? "Not an OS of type macOS",
});

export const getLinuxDistroType = builtin({
  name: "GetLinuxDistroType",
  parameters: [],
  returns: "string",
  doc: "debian, redhat, suse, unknown_linux or no_linux.",
  examples: [],
  run: ({ platform }) => platform.information.linuxDistributionType,
});

export const getSystemType = builtin({
  name: "GetSystemType",
  parameters: [],
  returns: "string",
  doc: "64 Bit System or x86 System.",
  examples: [],
  run: ({ platform }) => (platform.information.is64Bit ? "64 Bit System" : "x86 System"),
});

export const getOSArchitecture = builtin({
  name: "GetOSArchitecture",
  parameters: [],
  returns: "string",
  doc: "x86_32, x86_64 or arm_64.",
  examples: [],
  run: ({ platform }) => platform.information.architecture,
});

export const getLoggedInUser = builtin({
  name: "GetLoggedInUser",
  parameters: [],
  returns: "string",
  doc: "Name of the user who is logged in; may be empty.",
  examples: [],
  run: ({ platform }) => platform.information.loggedInUser,
});

export const getUsercontext = builtin({
  name: "GetUsercontext",
  parameters: [],
  returns: "string",
  doc: "The user given on the command line.",
  examples: [["GetUsercontext", ""]],
  run: ({ settings }) => settings.userContext,
});

/** The text that a missing environment variable gives. */
const notFound = "/-!!- not found -!!-/";

export const envVar = builtin({
  name: "EnvVar",
  parameters: [{ name: "name", type: "string" }],
  returns: "string",
  doc: "Value of an environment variable.",
  examples: [
    ['EnvVar("NO_SUCH_VARIABLE_XYZ")', notFound],
    ['EnvVar("constructor")', notFound],
  ],
  run: (_context, name) => {
    const value = Object.hasOwn(process.env, name) ? process.env[name] : undefined; // not what every object has
    return value === undefined || value === "" ? notFound : toBytes(value);
  },
});

export const paramStr = builtin({
  name: "ParamStr",
  parameters: [],
  returns: "string",
  doc: "The text behind the option parameter of the command line.",
  examples: [["ParamStr", ""]],
  run: ({ settings }) => settings.parameter,
});

const logLevelOf = ({ log }: Context) => String(log.level);

export const getLogLevel = builtin({
  name: "getLogLevel",
  parameters: [],
  returns: "string",
  doc: "The present log level.",
  examples: [["getLogLevel", "7"]],
  run: logLevelOf,
});

export const logLevel = builtin({
  name: "LogLevel",
  parameters: [],
  returns: "string",
  doc: "The present log level.",
  examples: [["LogLevel", "7"]],
  run: logLevelOf,
});

export const getDiffTimeSec = builtin({
  name: "getDiffTimeSec",
  parameters: [],
  returns: "string",
  doc: "Whole seconds since MarkTime.",
  examples: [],
  run: ({ state }) => String(Math.floor((Date.now() - state.timeMark) / 1000)),
});

export const timeStampAsFloatStr = builtin({
  name: "timeStampAsFloatStr",
  parameters: [],
  returns: "string",
  doc: "Days since 1899-12-30 in local time, with three decimals.",
  examples: [],
  run: () => {
    const now = new Date();
    const local = now.getTime() - now.getTimezoneOffset() * 60_000;
    return (local / 86_400_000 + 25_569).toFixed(3); // 25569 days from 1899-12-30 to 1970-01-01
  },
});

export const getScriptMode = builtin({
  name: "GetScriptMode",
  parameters: [],
  returns: "string",
  doc: "Machine or Login.",
  examples: [["GetScriptMode", "Machine"]],
  run: ({ settings, state }) => (settings.loginScript && !state.allUsers ? "Login" : "Machine"),
});

export const readVersionFromProfile = builtin({
  name: "readVersionFromProfile",
  parameters: [],
  returns: "string",
  doc: "The product version that saveVersionToProfile stored for this user.",
  examples: [["readVersionFromProfile", ""]],
  run: readStamp,
});

const languages = new Map(
  Object.entries({
    "407": "de-DE",
    "409": "en-US",
    "809": "en-GB",
    "40c": "fr-FR",
    "410": "it-IT",
    "40a": "es-ES",
    c0a: "es-ES",
    "413": "nl-NL",
    "415": "pl-PL",
    "405": "cs-CZ",
    "406": "da-DK",
    "416": "pt-BR",
    "816": "pt-PT",
    "419": "ru-RU",
    "41d": "sv-SE",
    "41f": "tr-TR",
    "411": "ja-JP",
    "804": "zh-CN",
    "807": "de-CH",
    c07: "de-AT",
  }),
);

export const langCodeByHex = builtin({
  name: "LangCodeByHex",
  parameters: [{ name: "code", type: "string" }],
  returns: "string",
  doc: "Windows: the language code of a numeric locale.",
  examples: [],
  run: ({ platform }, code) =>
    platform.system === "windows" ? (languages.get(code.toLowerCase().replace(/^(0x|\$)0*/, "")) ?? "") : "",
});

export const getLinuxVersionMap = builtin({
  name: "getLinuxVersionMap",
  parameters: [],
  returns: "list",
  doc: "Linux: distribution and kernel as key=value.",
  examples: [],
  run: ({ platform }) => (platform.system === "linux" ? platform.information.linuxVersionMap() : []),
});

export const getHWBiosInfoMap = builtin({
  name: "getHWBiosInfoMap",
  parameters: [],
  returns: "list",
  doc: "Firmware, system, board and enclosure as key=value.",
  examples: [],
  run: ({ platform }) => platform.information.biosMap(),
});

export const getProfilesDirList = builtin({
  name: "getProfilesDirList",
  parameters: [],
  returns: "list",
  doc: "Home directories of people.",
  examples: [],
  run: ({ platform }) => platform.folders.profiles(),
});

export const listCertificatesFromSystem = builtin({
  name: "listCertificatesFromSystem",
  parameters: [],
  returns: "list",
  parentheses: true,
  doc: "Labels of the certificate authorities that the system trusts.",
  examples: [],
  run: ({ platform }) => platform.certificates.labels(),
});

export const isCertInstalledInSystem = builtin({
  name: "isCertInstalledInSystem",
  parameters: [{ name: "label", type: "string" }],
  returns: "boolean",
  doc: "Whether the system trusts a certificate authority of this name.",
  examples: [['isCertInstalledInSystem("no such authority")', false]],
  run: ({ platform }, label) => platform.certificates.labels().includes(label),
});

export const runningAsAdmin = builtin({
  name: "runningAsAdmin",
  parameters: [],
  returns: "boolean",
  doc: "Whether the interpreter has all rights.",
  examples: [],
  run: ({ platform }) => platform.information.isAdministrator,
});

export const runningInWAnMode = builtin({
  name: "runningInWAnMode",
  parameters: [],
  returns: "boolean",
  doc: "Whether the service is the agent on this machine.",
  examples: [["runningInWAnMode", false]],
  run: ({ constants }) => ["localhost", "127.0.0.1", "::1"].includes(constants.get("opsiServer") ?? ""),
});

export const runningOnUefi = builtin({
  name: "runningOnUefi",
  parameters: [],
  returns: "boolean",
  doc: "Whether the machine was started by UEFI.",
  examples: [],
  run: ({ platform }) => platform.information.isUefi,
});

export const runningInPE = builtin({
  name: "runningInPE",
  parameters: [],
  returns: "boolean",
  doc: "Windows: whether this is the installation environment.",
  examples: [["runningInPE", false]],
  run: ({ platform }) => platform.information.isInstallationEnvironment,
});

export const runningWithGui = builtin({
  name: "runningWithGui",
  parameters: [],
  returns: "boolean",
  doc: "Whether there is a window; this interpreter has none.",
  examples: [["runningWithGui", false]],
  run: () => false,
});

export const isLoginScript = builtin({
  name: "isLoginScript",
  parameters: [],
  returns: "boolean",
  doc: "Whether the script runs at a login.",
  examples: [["isLoginScript", false]],
  run: ({ settings, state }) => settings.loginScript && !state.allUsers,
});

export const scriptWasExecutedBefore = builtin({
  name: "scriptWasExecutedBefore",
  parameters: [],
  returns: "boolean",
  doc: "Whether this version ran for this user before; notes that it has run now.",
  examples: [["scriptWasExecutedBefore", false]],
  run: (context) => (context.service ? wasExecutedBefore(context) : false),
});

/** Decimal units, as the original counts. */
const units = new Map(Object.entries({ "": 1n, b: 1n, kb: 1000n, mb: 1_000_000n, gb: 1_000_000_000n }));

export const hasMinimumSpace = builtin({
  name: "HasMinimumSpace",
  parameters: [
    { name: "directory", type: "string" },
    { name: "size", type: "string" },
  ],
  returns: "boolean",
  doc: "Whether so much is free at a directory (Windows: drive): a number with KB, MB or GB.",
  examples: [
    ['HasMinimumSpace("/", "1 KB")', true],
    ['HasMinimumSpace("/", "1 constructor")', false],
  ],
  run: (context, directory, size) => {
    const found = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(size);
    const unit = units.get((found?.[2] ?? "?").toLowerCase());
    const number = parseInteger64(found?.[1] ?? "");
    if (unit === undefined || number === null) {
      context.log.write(level.error, `HasMinimumSpace: bad size ${size}`);
      return false;
    }
    const place = directory === "" ? "." : /^%systemdrive%$/i.test(directory) ? "/" : directory;
    const free = context.platform.information.freeSpace(place);
    return free !== null && free >= number * unit;
  },
});
