import type { OpsiObject } from "@opsi-ts/model";
import type { Filter } from "../backends/storage.ts";
import { isPlainText } from "./arguments.ts";

/** What identifies a program in the software inventory. (objects 6.11) */
export const softwareAttributes = ["name", "version", "subVersion", "language", "architecture"] as const;

/** The key as one text; as in the tables, the case does not count. */
export const softwareKey = (object: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(softwareAttributes.map((attribute) => object[attribute] ?? "")).toLowerCase();

/**
 * A filter that finds at least the programs with these names. Names come from the inventory and may look like
 * wildcards: then it finds all, and the caller has to compare the keys in any case.
 */
export function namesFilter(objects: readonly OpsiObject[]): Filter {
  const names = [...new Set(objects.map(({ name }) => name))];
  return names.every(isPlainText) ? { name: names } : {};
}
