import type { ObjectType, OpsiObject } from "@opsi-ts/model";
import type { IniDocument } from "./ini-document.ts";

/** Where an attribute stands in an ini file, and whether as JSON. */
export interface Place {
  readonly section: string;
  readonly option: string;
  readonly json?: true;
}

/** Places of the attributes of a type. (storage 5.3) */
export type OptionMap = Readonly<Record<string, Place>>;

/** The attributes in one section, each under its name in lower case unless another one is given. */
export function inSection(section: string, names: string, others: Readonly<Record<string, string>> = {}): OptionMap {
  const pairs = [...names.split(" ").map((name) => [name, name.toLowerCase()]), ...Object.entries(others)];
  return Object.fromEntries(pairs.map(([name, option = ""]) => [name ?? "", { section, option }]));
}

/** Rules for which an empty text is a value. Everywhere else it means that there is none. */
const keepsEmpty = new Set(["string", "lines", "actionProgress", "filename"]);

/** The attributes that the file has; those without an option are missing in the result. */
export function readOptions(document: IniDocument, type: ObjectType, map: OptionMap): Record<string, unknown> {
  const hash: Record<string, unknown> = {};
  for (const [name, { section, option, json }] of Object.entries(map)) {
    const value = json ? document.json(section, option) : document.text(section, option);
    if (value === null) continue;
    if (value !== "" || keepsEmpty.has(type.attributes[name]?.rule.name ?? "")) hash[name] = value;
  }
  return hash;
}

/** Null takes the option away. */
export function writeOptions(document: IniDocument, object: OpsiObject, map: OptionMap): void {
  for (const [name, { section, option, json }] of Object.entries(map)) {
    const value = object[name] ?? null;
    if (value === null) document.remove(section, option);
    else if (json) document.setJson(section, option, value);
    else document.setText(section, option, plainText(value));
  }
}

/** Truth values are written as the original's language prints them. (storage 5.2) */
function plainText(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
