import { OpsiError, pythonRepr, rule } from "@opsi-ts/model";
import { writeOption } from "../../configuration/config-file.ts";
import { type Option, type OptionName, optionFlag, optionTable } from "../../configuration/option-table.ts";
import { type Call, type Method, parameters } from "../declare.ts";

const names = Object.keys(optionTable) as OptionName[];
const option = (name: OptionName): Option<unknown> => optionTable[name] as Option<unknown>;
const wireName = (name: OptionName) => optionFlag(name).replaceAll("-", "_");
const byWireName = new Map(names.map((name) => [wireName(name), name]));

/** What stands for a secret that is set. */
const hidden = "********";

/** All options; secrets only as being set or not: nobody needs them, and answers end up in logs. */
export function shownOptions({ site }: Call): Record<string, unknown> {
  const { options } = site.service.configuration;
  return Object.fromEntries(
    names.map((name) => [wireName(name), option(name).secret && options[name] !== "" ? hidden : options[name]]),
  );
}

/** @throws ValueError `Invalid option ...`, `Option ...: ...` */
function readOption(givenName: string, value: unknown): { name: OptionName; text: string } {
  const wanted = givenName
    .trim()
    .toLowerCase()
    .replace(/^-+|-+$/g, "")
    .replaceAll("-", "_");
  const name = byWireName.get(wanted);
  if (name === undefined)
    throw new OpsiError("ValueError", `Invalid option ${pythonRepr(wanted)}`, { field: givenName });
  const text = Array.isArray(value) ? `[${value.join(", ")}]` : rule.string.coerce(value);
  try {
    if (/[\r\n]/.test(text)) throw new Error("more than one line");
    option(name).kind.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpsiError("ValueError", `Option ${pythonRepr(wanted)}: ${reason}`, { field: givenName, cause: error });
  }
  return { name, text };
}

/** Writes options into the configuration file; they count from the next start. (methods 6) */
function updateOptions({ site }: Call, given: unknown, onChange: unknown): null {
  const { configuration } = site.service;
  // who sends back all that service_getConfig showed does not mean to change what it did not show
  const changes = Object.entries(rule.dict.coerce(given))
    .map(([name, value]) => readOption(name, value))
    .filter(({ name, text }) => !(option(name).secret && text === hidden));
  const changed = changes.filter(
    ({ name, text }) => JSON.stringify(option(name).kind.parse(text)) !== JSON.stringify(configuration.options[name]),
  );
  for (const { name, text } of changes) writeOption(configuration.configFile, optionFlag(name), text);
  if (changed.length > 0 && (onChange === "reload" || onChange === "restart")) {
    const text = "The options are written; this server takes them over when it is started again";
    throw new OpsiError("NotImplementedError", text, { field: "on_change" });
  }
  return null;
}

export const optionMethods: readonly Method[] = [
  {
    name: "service_getConfig",
    doc: "All options of the service; secrets are not shown.",
    parameters: [],
    result: "dict",
    access: "name",
    admin: true,
    run: shownOptions,
  },
  {
    name: "service_updateConfig",
    doc: "Writes options into the configuration file.",
    parameters: parameters("options on_change"),
    access: "name",
    admin: true,
    run: updateOptions,
  },
];
