import { existsSync, readFileSync } from "node:fs";
import { writeFileAtomically } from "./atomic-file.ts";

/** Lines `option-name = value` of opsiconfd.conf; names lower-cased, the last of several counts. (service 7.1) */
export function parseConfigFile(content: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of content.split(/\r?\n/)) {
    const match = assignment.exec(line);
    if (match !== null) values.set(normalized(match[1] ?? ""), unquoted(match[2] ?? ""));
  }
  return values;
}

/** The same text with one option set; comments and order stay. */
export function withOption(content: string, name: string, value: string): string {
  const lines = content.split("\n");
  const at = lines.findLastIndex((line) => normalized(assignment.exec(line)?.[1] ?? "") === name);
  if (at >= 0) lines[at] = `${name} = ${value}`;
  else if (lines.at(-1) === "") lines.splice(-1, 0, `${name} = ${value}`);
  else lines.push(`${name} = ${value}`, "");
  return lines.join("\n");
}

/** Sets one option in the file, which is created if missing. A crash leaves the old or the new file. */
export function writeOption(path: string, name: string, value: string): void {
  const content = existsSync(path) ? readFileSync(path, "utf8") : "";
  writeFileAtomically(path, withOption(content, name, value));
}

const assignment = /^\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*$/;
const normalized = (name: string) => name.toLowerCase().replaceAll("_", "-");
const unquoted = (value: string) => value.replace(/^(["'])(.*)\1$/s, "$2");
