import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StorageName } from "../backends/dispatch.ts";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { parseConfigFile, withOption } from "../configuration/config-file.ts";
import type { Configuration } from "../configuration/read-options.ts";
import type { Location } from "./location.ts";

const dispatchFile = ({ folders }: Configuration) => join(folders.backendManager, "dispatch.conf");
const urlOption = "mysql-internal-url";

/** Whether the target is where the site looks for a storage of that name. */
const isOfSite = (typed: string) => !typed.includes(":");

/** What has to be done so that the site uses the storage; for people. */
export function storageAdvice(typed: string, { backend, name }: Location, configuration: Configuration): string[] {
  const line = `The site uses it with this line in ${dispatchFile(configuration)}:   .* : ${backend}`;
  if (isOfSite(typed)) return [line, ...addressAdvice(backend, configuration)];
  if (backend === "mysql") return [`The site uses it with the option ${urlOption} in ${configuration.configFile}`];
  return [`A site uses ${name} where its own root has such a place`];
}

/** The option with an address counts before the file. */
function addressAdvice(backend: StorageName, { options, configFile }: Configuration): string[] {
  if (options.mysqlInternalUrl === "" || backend === "mysql") return [];
  return [`The option ${urlOption} has to go from ${configFile}, command line or environment: it counts first`];
}

/**
 * Makes the site use the storage at its next start. The files of before stay beside the new ones as `….bak`; a crash
 * leaves the old or the new ones.
 *
 * @returns what was done, or what has to be done by hand
 */
export function switchStorage(typed: string, to: Location, configuration: Configuration): string[] {
  const { backend } = to;
  if (!isOfSite(typed)) {
    if (backend !== "mysql") return storageAdvice(typed, to, configuration);
    return [changeFile(configuration.configFile, (text) => withOption(text, urlOption, typed))];
  }
  const { configFile } = configuration;
  const notes = [changeFile(dispatchFile(configuration), (text) => dispatchTo(text, backend))];
  const inFile = existsSync(configFile) ? parseConfigFile(readFileSync(configFile, "utf8")) : new Map();
  if (backend === "mysql" || configuration.options.mysqlInternalUrl === "") return notes;
  if (!inFile.has(urlOption)) return [...notes, ...addressAdvice(backend, configuration)];
  return [...notes, changeFile(configFile, (text) => withOption(text, urlOption, ""))];
}

function changeFile(path: string, change: (text: string) => string): string {
  const before = existsSync(path) ? readFileSync(path, "utf8") : null;
  const after = change(before ?? "");
  if (after === before) return `${path} says it already`;
  if (before !== null) copyFileSync(path, `${path}.bak`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o770 });
  writeFileAtomically(path, after);
  return before === null ? `${path} was written` : `${path} was changed, as it was before it is ${path}.bak`;
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
  const isNamed = lines.some((line) => /^\s*\.\*\s*:/.test(line));
  const kept = lines.join("\n").replace(/\n*$/, "");
  return `${kept}${kept === "" ? "" : "\n"}${isNamed ? "" : `.* : ${backend}\n`}${isNamed ? "\n" : ""}`;
}
