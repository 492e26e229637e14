import { existsSync, readFileSync } from "node:fs";
import { optionFlag } from "../configuration/option-table.ts";
import { type Check, error, type Finding, type Findings, ok, warning } from "./check.ts";

const logLevels = ["logLevel", "logLevelFile", "logLevelStderr"] as const;

/** From here on a log holds what nobody wants to keep, from the next level on secrets. */
const debugLevel = 7;

export const serviceOptions: Check = {
  id: "opsiconfd_config",
  name: "Options of the service",
  description: "Log levels, access rights and the user of the service.",
  documentation: "Options are in opsiconfd.conf, access rights in backendManager/acl.conf.",
  onDepots: true,
  async run({ site }) {
    const { options } = site.service.configuration;
    return {
      ...Object.fromEntries(logLevels.map((name) => [optionFlag(name), logLevel(optionFlag(name), options[name])])),
      acl_self_for_all: selfForAll(options.aclFile),
      run_as_user: process.getuid?.() === 0 ? error("The service runs as root.") : ok("The service is not root."),
      ...insecure(options),
    };
  },
};

export function logLevel(name: string, level: number): Finding {
  if (level > debugLevel) return error(`${name} is ${level}: the log is slow and may hold secrets.`);
  if (level === debugLevel) return warning(`${name} is ${level}: the log is slow.`);
  return ok(`${name} is ${level}.`);
}

/** Hosts that may call every method for themselves may change their own rights and passwords. (methods 4) */
function selfForAll(path: string): Finding {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const at = lines.findIndex((line) => /^\s*\.\*\s*:(.*;)?\s*self\b/.test(line));
  return at < 0
    ? ok("No host may do everything.")
    : error(`Line ${at + 1} of ${path} gives 'self' all methods ('.*').`);
}

const insecureOptions = ["hostControlAnyCertificate", "recoverClients", "allowHostKeyOnlyAuth"] as const;

export function insecure(options: Readonly<Record<(typeof insecureOptions)[number], boolean>>): Findings {
  const active = insecureOptions.filter((name) => options[name]).map(optionFlag);
  return Object.fromEntries(active.map((name) => [name, warning(`The insecure option ${name} is switched on.`)]));
}
