import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StorageName } from "../backends/dispatch.ts";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { parseConfigFile, withOption } from "../configuration/config-file.ts";
import { optionFlag } from "../configuration/option-table.ts";
import type { Configuration } from "../configuration/read-options.ts";
import type { Location } from "./location.ts";

/** Something that was done, or has to be done by hand; for people. */
export interface SwitchNote {
  readonly text: string;
  readonly changed: boolean;
}

/** Options with the address of a database: they count before dispatch.conf. */
const addressOptions = { mysql: "mysqlInternalUrl", postgresql: "postgresqlInternalUrl" } as const;

const dispatchFile = ({ folders }: Configuration) => join(folders.backendManager, "dispatch.conf");

/** Whether the target is where the site looks for a storage of that name. */
const isOfSite = (typed: string) => !typed.includes(":");

const byHand = (text: string): SwitchNote => ({ text, changed: false });

/** The option that names a database of this kind. */
const addressOption = (backend: StorageName) =>
  backend === "mysql" || backend === "postgresql" ? optionFlag(addressOptions[backend]) : null;

/** The options that lead to other databases than the one of the kind. */
function otherAddresses(backend: StorageName, { options }: Configuration): string[] {
  const others = Object.entries(addressOptions).filter(([kind, name]) => kind !== backend && options[name] !== "");
  return others.map(([, name]) => optionFlag(name));
}

/** What has to be done so that the site uses the storage; for people. */
export function storageAdvice(typed: string, { backend, name }: Location, configuration: Configuration): SwitchNote[] {
  const option = addressOption(backend);
  const { configFile } = configuration;
  const others = otherAddresses(backend, configuration).map((other) => byHand(mustGo(other, configFile)));
  if (isOfSite(typed)) {
    const line = `The site uses it with this line in ${dispatchFile(configuration)}:   .* : ${backend}`;
    return [byHand(line), ...others];
  }
  if (option === null) return [byHand(`No site looks at ${name}: move it to where one has its own`)];
  return [byHand(`The site uses it with the option ${option} in ${configFile}`), ...others];
}

const mustGo = (option: string, configFile: string) =>
  `The option ${option} has to go from ${configFile}, command line or environment: it counts first`;

/**
 * Makes the site use the storage at its next start. The files of before stay beside the new ones as `….bak`; a crash
 * leaves the old or the new ones.
 */
export function switchStorage(typed: string, to: Location, configuration: Configuration): SwitchNote[] {
  const { backend } = to;
  const { configFile } = configuration;
  const option = addressOption(backend);
  if (!isOfSite(typed) && option === null) return storageAdvice(typed, to, configuration);
  const inFile = existsSync(configFile) ? parseConfigFile(readFileSync(configFile, "utf8")) : new Map<string, string>();
  const others = otherAddresses(backend, configuration);
  const stubborn = others.filter((name) => !inFile.has(name)).map((name) => byHand(mustGo(name, configFile)));
  const change = (text: string) => {
    const without = others.filter((name) => inFile.has(name)).reduce((rest, name) => withOption(rest, name, ""), text);
    return isOfSite(typed) || option === null ? without : withOption(without, option, typed);
  };
  const changes = [changeFile(configFile, change)];
  if (isOfSite(typed)) changes.push(changeFile(dispatchFile(configuration), (text) => dispatchTo(text, backend)));
  return [...changes.filter((note) => note !== null), ...stubborn];
}

/** Null where the file says it already. */
function changeFile(path: string, change: (text: string) => string): SwitchNote | null {
  const before = existsSync(path) ? readFileSync(path, "utf8") : null;
  const after = change(before ?? "");
  if (after === (before ?? "")) return null;
  if (before !== null) copyFileSync(path, `${path}.bak`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o770 });
  writeFileAtomically(path, after, before === null ? undefined : statSync(path).mode & 0o777);
  const text = before === null ? `${path} was written` : `${path} was changed, as it was before it is ${path}.bak`;
  return { text, changed: true };
}

const storageNames = /\b(?:file|mysql|sqlite|postgresql)\b/g;

/** Entries keep what they name besides storages: programs that are told of changes. */
function dispatchTo(text: string, backend: StorageName): string {
  const lines = text.split("\n").map((line) => {
    const entry = /^(\s*[^#;\s][^:]*:)(.*)$/s.exec(line);
    if (!entry) return line;
    const [, pattern, list = ""] = entry;
    const names = list.replaceAll(storageNames, backend).split(/\s*,\s*/);
    return `${pattern}${[...new Set(names.map((name) => name.trim()))].map((name) => ` ${name}`).join(",")}`;
  });
  while (lines.at(-1)?.trim() === "") lines.pop();
  if (!lines.some((line) => /^\s*\.\*\s*:/.test(line))) lines.push(`.* : ${backend}`);
  return `${lines.join("\n")}\n`;
}
