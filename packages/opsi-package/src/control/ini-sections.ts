import { rule } from "@opsi-ts/model";
import { controlError } from "../package-error.ts";
import { lineEnd, splitLines, startsWithBlank, strip, stripEnd, stripStart } from "./control-text.ts";

type Kind = "text" | "lower" | "boolean" | "integer";

/** The known keys of each section and how their first line is converted. Other keys continue the previous one. */
const sectionKeys = {
  package: { version: "lower", depends: "lower" },
  product: {
    id: "text",
    type: "text",
    name: "text",
    description: "text",
    advice: "text",
    version: "text",
    packageversion: "lower",
    priority: "integer",
    licenserequired: "boolean",
    productclasses: "lower",
    setupscript: "text",
    uninstallscript: "text",
    updatescript: "text",
    alwaysscript: "text",
    oncescript: "text",
    customscript: "text",
    userloginscript: "text",
    pxeconfigtemplate: "text",
  },
  windows: { softwareids: "lower" },
  productdependency: {
    action: "text",
    requiredproduct: "text",
    requiredproductversion: "text",
    requiredpackageversion: "text",
    requiredclass: "text",
    requiredstatus: "text",
    requiredaction: "text",
    requirementtype: "text",
  },
  productproperty: {
    type: "text",
    name: "text",
    description: "text",
    values: "text",
    default: "text",
    editable: "boolean",
    multivalue: "boolean",
  },
} as const satisfies Record<string, Record<string, Kind>>;

export type SectionName = keyof typeof sectionKeys;
export type IniValue = string | boolean | number;
export type Section = Map<string, IniValue>;
export interface IniSections {
  readonly records: Readonly<Record<SectionName, readonly Section[]>>;
  readonly changelog: string | null;
}

/**
 * The lines of a text that is to be written. The form cannot hold lines that look like the head of a section, wherever
 * they stand: such a line gets an invisible character (zero width space) in front.
 */
export function textLines(text: string): string[] {
  return text.split(lineEnd).map((line) => (headerName(line) === null ? line : `\u200b${line}`));
}

/** Whether a line of a multi-line text would be read as something else when it stands there without a blank before it. */
export function needsIndent(section: SectionName, line: string): boolean {
  if (/^[;#]/.test(line) || startsWithBlank(line)) return true;
  return Object.hasOwn(sectionKeys[section], keyOf(line)?.key ?? "");
}

/** Splits a control file of the INI form into its sections, with the original's rules. (packages 1.5, rules 1-9) */
export function parseIniSections(text: string): IniSections {
  const records: Record<SectionName, Section[]> = {
    package: [],
    product: [],
    windows: [],
    productdependency: [],
    productproperty: [],
  };
  const texts = new TextParts();
  let changelog: string[] | null = null;
  let section: SectionName | "changelog" | null = null;
  let record: Section = new Map();
  let option: string | null = null;

  for (const [index, line] of splitLines(text).entries()) {
    if (/^[;#]/.test(line)) continue;
    const header = headerName(line);
    if (header !== null) {
      section = sectionName(header, index + 1);
      if (section === "changelog") changelog = [];
      else {
        record = new Map();
        records[section].push(record);
      }
      continue;
    }
    if (section === null) {
      if (strip(line) !== "") throw controlError(`Parse error in line ${index + 1}: not in a section`);
      continue;
    }
    if (section === "changelog") {
      changelog?.push(stripEnd(line));
      continue;
    }
    const isContinuation = startsWithBlank(line);
    const found = isContinuation ? null : keyOf(line);
    const kind = found === null ? undefined : kindOf(section, found.key);
    if (found !== null && kind !== undefined) {
      option = found.key;
      if (record.has(option)) texts.append(record, option, found.value);
      else record.set(option, convert(kind, found.value));
    } else if (section === "package") option = null;
    else {
      if (option === null) throw controlError(`Parse error in line '${index + 1}': no option / bad option defined`);
      texts.append(record, option, isContinuation ? line.slice(1) : line);
    }
  }
  for (const each of Object.values(records).flat()) texts.join(each);
  return { records, changelog: changelog === null ? null : changelogText(changelog) };
}

/** Collects lines and joins them at the end: joining each time takes quadratic time. */
class TextParts {
  readonly #parts = new Map<Section, Map<string, string[]>>();

  append(record: Section, option: string, text: string): void {
    const value = record.get(option);
    if (value !== undefined && typeof value !== "string") return;
    const options = this.#parts.get(record) ?? new Map<string, string[]>();
    this.#parts.set(record, options);
    const parts = options.get(option);
    if (parts) parts.push(stripStart(text));
    else if (value !== undefined) options.set(option, [value, stripStart(text)]);
    else options.set(option, [stripStart(text)]);
    if (value === undefined) record.set(option, "");
  }

  join(record: Section): void {
    for (const [option, parts] of this.#parts.get(record) ?? []) record.set(option, joinParts(parts));
    for (const [option, value] of record) if (typeof value === "string") record.set(option, stripEnd(value));
  }
}

/** A line feed before each part, unless there is one already: so blank lines get lost. */
function joinParts([first = "", ...others]: readonly string[]): string {
  const joined: string[] = [first];
  let endsLine = first.endsWith("\n");
  for (const part of others) {
    joined.push(endsLine ? part : `\n${part}`);
    endsLine = part === "" ? true : part.endsWith("\n");
  }
  return joined.join("");
}

function changelogText(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line !== "");
  return first < 0 ? "" : lines.slice(first).join("\n");
}

function headerName(line: string): string | null {
  const stripped = strip(line);
  const found = /^\[([^\]]+)\]$/.exec(stripped);
  return found?.[1] === undefined ? null : strip(found[1]).toLowerCase();
}

function sectionName(name: string, lineNumber: number): SectionName | "changelog" {
  if (name === "changelog" || Object.hasOwn(sectionKeys, name)) return name as SectionName | "changelog";
  throw controlError(`Parse error in line ${lineNumber}: unknown section '${name}'`);
}

/** The key in lower case, but with blanks before the colon: such a key is unknown. */
function keyOf(line: string): { key: string; value: string } | null {
  const colon = line.indexOf(":");
  if (colon < 1) return null;
  return { key: line.slice(0, colon).toLowerCase(), value: strip(line.slice(colon + 1)) };
}

function kindOf(section: SectionName, key: string): Kind | undefined {
  const keys: Record<string, Kind> = sectionKeys[section];
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}

function convert(kind: Kind, value: string): IniValue {
  switch (kind) {
    case "text":
      return value;
    case "lower":
      return value.toLowerCase();
    case "boolean":
      return rule.bool.coerce(value);
    case "integer":
      return Number(rule.int.coerce(value));
    default:
      return kind satisfies never;
  }
}
