import { existsSync, readFileSync } from "node:fs";
import { OpsiError } from "@opsi-ts/model";
import { decodeText } from "../configuration/decode-text.ts";
import { pythonPattern } from "../configuration/python-pattern.ts";
import { withoutComment } from "./file/ini-text.ts";

/** A line of dispatch.conf: methods with names that match go to these back-ends. (storage 2.1) */
export interface DispatchEntry {
  readonly pattern: RegExp;
  readonly backends: readonly string[];
  readonly line: number;
}

function patternOf(text: string, line: number, path: string): RegExp {
  try {
    return pythonPattern(text, "anywhere");
  } catch (cause) {
    const message = `Line ${line} of ${path}: '${text}' is no regular expression`;
    throw new OpsiError("BackendConfigurationError", message, { cause });
  }
}

/** Entries of the file; null where there is none. @throws as parseDispatch, BackendIOError for what is no text */
export function readDispatch(path: string): DispatchEntry[] | null {
  return existsSync(path) ? parseDispatch(decodeText(readFileSync(path), path), path) : null;
}

/**
 * Reads dispatch.conf. Lines that are neither an entry nor a comment are skipped, as the original does.
 *
 * @param path for messages
 * @throws BackendConfigurationError for a pattern that is no regular expression
 * @see storage 2.1
 */
export function parseDispatch(text: string, path: string): DispatchEntry[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const [, pattern, list] = /^([^:]+):\s*(\S.*)$/.exec(withoutComment(raw)) ?? [];
    if (pattern === undefined || list === undefined) return [];
    const backends = list.split(",").flatMap((name) => name.trim() || []);
    const line = index + 1;
    return [{ pattern: patternOf(pattern.trim(), line, path), backends, line }];
  });
}

/**
 * Back-ends that keep objects; the others are told of changes, or lead to another server. In the order in which they
 * are opened, and commit what concerns several: what files cannot keep turns out only then; what belongs to nothing in
 * MySQL goes when it is opened, and only the others know.
 */
export const storageNames = ["file", "sqlite", "postgresql", "mysql"] as const;
export type StorageName = (typeof storageNames)[number];

/** Null for a back-end that keeps no objects. The original finds its file by the name in small letters. (storage 1.1) */
export const storageNamed = (backend: string): StorageName | null =>
  storageNames.find((name) => name === backend.toLowerCase()) ?? null;

/** Back-ends of the original that keep no objects. */
const others = ["dhcpd", "hostcontrol", "jsonrpc", "opsipxeconfd"];

/**
 * Looks whether every back-end is one that there is.
 *
 * @param isConfigured whether a back-end has a file below backends/
 * @throws BackendConfigurationError for the first one that is not, naming the line and what was expected
 */
export function checkBackends(
  entries: readonly DispatchEntry[],
  path: string,
  isConfigured: (backend: string) => boolean,
): void {
  for (const { backends, line } of entries) {
    for (const backend of backends) {
      const name = backend.toLowerCase();
      const isPlain = /^[\w-]+$/.test(name);
      if (storageNamed(name) !== null || others.includes(name) || (isPlain && isConfigured(name))) continue;
      const expected = `${[...storageNames, ...others].join(", ")} or one with a file ${isPlain ? name : "NAME"}.conf`;
      const message = `Line ${line} of ${path}: '${backend}' is no back-end: ${expected} was expected`;
      throw new OpsiError("BackendConfigurationError", message);
    }
  }
}
