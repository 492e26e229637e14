import { setTimeout } from "node:timers/promises";
import { OpsiError, pythonRepr } from "@opsi-ts/model";
import { type Method, parameters } from "./declare.ts";
import { interfaceText } from "./interface.ts";

const nothing = parameters("");
/** Log types whose size is limited, as clients know them. (methods 6) */
const logTypes = ["bootimage", "clientconnect", "instlog", "opsiconfd", "userlogin", "winpe"];
/** Longest wait that a caller may ask for, in seconds. */
const longestSleep = 3600;

/** What the service is and offers. (methods 6) */
export const backendMethods: readonly Method[] = [
  {
    name: "backend_getInterface",
    doc: "Describes all methods.",
    parameters: nothing,
    result: "list[dict]",
    access: "name",
    run: ({ site }) => interfaceText(site),
  },
  {
    name: "backend_info",
    doc: "Version of the service.",
    parameters: nothing,
    result: "dict",
    access: "name",
    run: ({ site }) => ({ opsiVersion: site.version, modules: { valid: false }, realmodules: {} }),
  },
  {
    name: "backend_getSystemConfiguration",
    doc: "Limits that clients should keep.",
    parameters: nothing,
    result: "dict",
    access: "session",
    run: ({ site }) => ({
      log: { size_limit: site.maxLogSize, keep_rotated: site.keepRotatedLogs, types: logTypes },
    }),
  },
  {
    name: "backend_createBase",
    doc: "Does nothing; kept for old programs.",
    parameters: nothing,
    access: "name",
    run: () => null,
  },
  {
    name: "backend_deleteBase",
    doc: "Does nothing; kept for old programs.",
    parameters: nothing,
    access: "name",
    run: () => null,
  },
  {
    name: "backend_setOptions",
    doc: "Does nothing; kept for old programs.",
    parameters: parameters("options"),
    access: "name",
    deprecated: true,
    run: () => null,
  },
  {
    name: "backend_getOptions",
    doc: "Always empty; kept for old programs.",
    parameters: nothing,
    result: "dict",
    access: "name",
    deprecated: true,
    run: () => ({}),
  },
  {
    name: "sleep",
    doc: "Answers after some seconds.",
    parameters: parameters("seconds=0"),
    access: "name",
    run: async (_call, seconds) => {
      const wait = typeof seconds === "number" ? seconds : Number.NaN;
      if (!(wait >= 0 && wait <= longestSleep))
        throw new OpsiError("TypeError", `Bad number of seconds: ${pythonRepr(seconds)}`);
      await setTimeout(wait * 1000);
      return null;
    },
  },
];
