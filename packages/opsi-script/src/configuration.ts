import { readFileSync } from "node:fs";
import { IniFile } from "./files/ini-file.ts";
import { splitLines } from "./text/bytes.ts";
import { parseInteger } from "./text/numbers.ts";

/** Settings of `opsi-script.conf`, section `global`, and of the service's `opsi-script.global.…` (interpreter §2). */
export interface Configuration {
  readonly defaultLogLevel: number;
  readonly leastLogLevel: number;
  readonly debugLibrary: boolean;
  readonly logRotationCount: number;
  readonly reverseOrderForUninstall: boolean;
  readonly testSyntax: boolean;
}

const initial: Configuration = {
  defaultLogLevel: 7,
  leastLogLevel: 4,
  debugLibrary: true,
  logRotationCount: 8,
  reverseOrderForUninstall: false,
  testSyntax: false,
};

const configurationFile = "/etc/opsi-script/opsi-script.conf";

/** Values by lower-case key; what is missing or makes no sense keeps its old value. */
function applied(base: Configuration, value: (key: string) => unknown): Configuration {
  const flag = (key: string, old: boolean) => {
    const given = String(value(key) ?? "").toLowerCase();
    return given === "true" ? true : given === "false" ? false : old;
  };
  const number = (key: string, old: number, highest: number) => {
    const given = parseInteger(String(value(key) ?? ""));
    return given === null || given < 0 || given > highest ? old : given;
  };
  return {
    defaultLogLevel: number("default_loglevel", base.defaultLogLevel, 9),
    leastLogLevel: number("force_min_loglevel", base.leastLogLevel, 9),
    debugLibrary: flag("debug_lib", base.debugLibrary),
    logRotationCount: number("log_rotation_count", base.logRotationCount, 999),
    reverseOrderForUninstall: flag("reverseproductorderbyuninstall", base.reverseOrderForUninstall),
    testSyntax: flag("testsyntax", base.testSyntax),
  };
}

/** The file of this machine, or what we would do without it. */
export function readConfiguration(file = configurationFile): Configuration {
  try {
    const ini = new IniFile(splitLines(readFileSync(file, "latin1")));
    return applied(initial, (key) => ini.value("global", key));
  } catch {
    return initial;
  }
}

export const serviceConfigurationIds = [
  "debug_prog",
  "debug_lib",
  "default_loglevel",
  "force_min_loglevel",
  "scripterrormessages",
  "autoactivitydisplay",
  "w10bitlockersuspendonreboot",
  "reverseproductorderbyuninstall",
  "supresssystemencodingwarning",
  "log_rotation_count",
  "writeproductlogfile",
  "testsyntax",
].map((key) => `opsi-script.global.${key}`);

/** `{configId: [value]}` of the service over the values of the file. */
export function withServiceValues(base: Configuration, values: Readonly<Record<string, unknown>>): Configuration {
  return applied(base, (key) => {
    const value = values[`opsi-script.global.${key}`];
    return Array.isArray(value) ? value[0] : value;
  });
}
