import { existsSync, readFileSync } from "node:fs";
import { families, OpsiError } from "@opsi-ts/model";
import { decodeText } from "../configuration/decode-text.ts";
import { withoutComment } from "./file/ini-text.ts";

/** A line of dispatch.conf: methods with names that match go to these back-ends. (storage 2.1) */
export interface DispatchEntry {
  readonly pattern: RegExp;
  readonly backends: readonly string[];
  readonly line: number;
}

function patternOf(text: string, line: number, path: string): RegExp {
  try {
    return new RegExp(text);
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

/** Back-ends that keep objects; the others are told of changes, or lead to another server. */
const storages = ["file", "mysql", "sqlite"] as const;
export type StorageName = (typeof storages)[number];

/** The methods that an entry may mean: those of the object types. */
const methods = families.flatMap(({ prefix }) => [`${prefix}_getObjects`, `${prefix}_insertObject`]);

/**
 * The back-end that keeps the objects of a site, null where none is named.
 *
 * @throws BackendConfigurationError where it is not one and the same for all types
 * @see storage 2.2
 */
export function dispatchedStorage(entries: readonly DispatchEntry[], path: string): StorageName | null {
  const found = new Map<StorageName, string>();
  for (const method of methods) {
    const entry = entries.find(({ pattern }) => pattern.test(method));
    for (const name of storages) {
      if (entry?.backends.includes(name) && !found.has(name)) found.set(name, `line ${entry.line} (${method})`);
    }
  }
  const [first, second] = found;
  if (first && second) {
    throw new OpsiError(
      "BackendConfigurationError",
      `${path} sends objects to '${first[0]}' in ${first[1]} and to '${second[0]}' in ${second[1]}: one for all was expected`,
    );
  }
  return first?.[0] ?? null;
}
