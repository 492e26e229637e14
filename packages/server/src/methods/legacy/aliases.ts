import { timestamp } from "@opsi-ts/model";
import { describeInterface } from "../interface.ts";
import { legacyMethods } from "./legacy-methods.ts";

/** `2024-01-02 03:04:05.123000`, without fraction when it is 0; UTC if wanted. */
function serviceTime(utc: boolean): string {
  const now = new Date();
  const shifted = utc ? new Date(now.getTime() + now.getTimezoneOffset() * 60_000) : now;
  const milliseconds = now.getMilliseconds();
  return `${timestamp(shifted)}${milliseconds === 0 ? "" : `.${String(milliseconds).padStart(3, "0")}000`}`;
}

/** Other names of methods about the service. (methods 6) */
export const aliasMethods = [
  ...legacyMethods({
    getPossibleMethods_listOfHashes: {
      signature: "",
      doc: "Names and parameters of all methods without free parameters.",
      alternative: "backend_getInterface",
      run: ({ site }) =>
        describeInterface(site.methods())
          .filter(({ keywords }) => keywords === null)
          .map(({ name, params }) => ({ name, params })),
    },
    getOpsiInformation_hash: {
      signature: "",
      doc: "Version of the service.",
      alternative: "backend_info",
      run: ({ site }) => ({ opsiVersion: site.version, modules: { valid: false }, realmodules: {} }),
    },
    createOpsiBase: {
      signature: "",
      doc: "Does nothing; kept for old programs.",
      alternative: "backend_createBase",
      run: () => null,
    },
  }),
  ...legacyMethods({
    getBackendInfos_listOfHashes: {
      signature: "",
      doc: "Always the same; kept for old programs.",
      alternative: "dispatcher_getConfig",
      run: () => [{}],
    },
    getServiceTime: {
      signature: "utctime=False",
      doc: "Time of the server, local or UTC.",
      result: "str",
      run: (_call, utc) => serviceTime(Boolean(utc)),
    },
  }).map((method) => ({ ...method, access: "session" as const })),
];
