import { OpsiError } from "@opsi-ts/model";
import { pythonPattern } from "../configuration/python-pattern.ts";

export type AclType = "all" | "self" | "opsi_depotserver" | "opsi_client" | "sys_group" | "sys_user";

/** One entry of a line of acl.conf. */
export interface AclEntry {
  /** The line's pattern as it stands in the file; entries of equal patterns belong together. */
  readonly pattern: string;
  readonly method: RegExp;
  readonly type: AclType;
  /** Host, group or user; null means any. */
  readonly id: string | null;
  /** Only these attributes; empty means all. */
  readonly allowed: ReadonlySet<string>;
  /** All but these attributes. */
  readonly denied: ReadonlySet<string>;
}

/** Names behind `{admingroup}` and `{fileadmingroup}`, from opsi.conf. */
export interface AclGroups {
  readonly admingroup: string;
  readonly fileadmingroup: string;
}

const types = new Set<string>(["all", "self", "opsi_depotserver", "opsi_client", "sys_group", "sys_user"]);

/**
 * Reads acl.conf.
 *
 * @throws ValueError naming the line; one bad line rejects the file
 * @see methods 4.1
 */
export function parseAcl(text: string, path: string, groups: AclGroups): AclEntry[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) return [];
    try {
      return parseLine(content, groups);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new OpsiError("ValueError", `${reason} at line ${index + 1} in acl file '${path}'`);
    }
  });
}

function parseLine(line: string, groups: AclGroups): AclEntry[] {
  const match = /^([^:]+)\s*:\s*(\S.*)$/.exec(line);
  if (!match) throw new Error(`Bad formatted line '${line}'`);
  const pattern = (match[1] ?? "").trim();
  const method = pythonPattern(pattern, "begin");
  const entries = (match[2] ?? "").split(";").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "").flatMap((entry) => parseEntry(entry, pattern, method, groups));
}

function parseEntry(entry: string, pattern: string, method: RegExp, groups: AclGroups): AclEntry[] {
  const [, name = "", open, rest = ""] = /^([^(]*)(\()?(.*)$/.exec(entry) ?? [];
  const type = name.trim();
  if (open !== undefined && !rest.endsWith(")")) {
    throw new Error(`Bad formatted acl entry '${entry}': trailing ')' missing`);
  }
  if (!types.has(type)) throw new Error(`Unhandled acl type: '${type}'`);
  const { ids, allowed, denied } = parseParameters(rest.slice(0, -1), type, groups);
  if ((type === "sys_group" || type === "sys_user") && ids.length === 0) {
    throw new Error(`Bad formatted acl type '${type}': no params given`);
  }
  if ((type === "all" || type === "self") && ids.length > 0) {
    throw new Error(`Unhandled acl type param '${ids[0]}' for acl type '${type}'`);
  }
  const common = { pattern, method, type: type as AclType, allowed, denied };
  return ids.length === 0 ? [{ ...common, id: null }] : ids.map((id) => ({ ...common, id }));
}

function parseParameters(text: string, type: string, groups: AclGroups) {
  const ids: string[] = [];
  const allowed = new Set<string>();
  const denied = new Set<string>();
  for (const parameter of splitParameters(text)) {
    const attributes = /^attributes\s*\(([^()]*)\)$/.exec(parameter)?.[1];
    if (attributes === undefined) {
      if (/[()]/.test(parameter)) throw badParameters(text);
      ids.push(type === "sys_group" ? groupName(parameter, groups) : parameter);
      continue;
    }
    for (const name of attributes.split(",").map((attribute) => attribute.trim())) {
      if (name.startsWith("!")) denied.add(name.slice(1).trim());
      else if (name !== "") allowed.add(name);
    }
  }
  return { ids, allowed, denied };
}

/** Splits at commas outside of parentheses. */
function splitParameters(text: string): string[] {
  const parts: string[] = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth < 0 || depth > 1) throw badParameters(text);
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  if (depth !== 0) throw badParameters(text);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

const badParameters = (text: string) => new Error(`Bad formatted acl type params '${text}'`);

const groupName = (name: string, groups: AclGroups) =>
  name.replaceAll("{admingroup}", groups.admingroup).replaceAll("{fileadmingroup}", groups.fileadmingroup);
