import { fromHash, isHash, OpsiError, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { Contents } from "./contents.ts";

/*
 * opsi-ts.json: objects that the classic layout has no place for, licences and users. The original's File backend
 * drops them without a word (storage 5.1); ours keeps them beside the files that it knows.
 */

/** Prefixes of the object types, each after those that it refers to. */
export const furtherPrefixes = [
  "licenseContract",
  "softwareLicense",
  "licensePool",
  "softwareLicenseToLicensePool",
  "licenseOnClient",
  "auditSoftwareToLicensePool",
  "user",
] as const;

export function readFurtherObjects(text: string, contents: Contents): void {
  for (const hash of parseArray(text)) contents.add(0, () => objectOf(hash));
}

/** @throws BackendIOError where something would be lost when the file is written anew */
export function checkFurtherObjects(text: string, path: string): void {
  const contents = new Contents(path);
  readFurtherObjects(text, contents);
  const [problem] = contents.problems;
  if (problem) throw new OpsiError("BackendIOError", `${path}: ${problem.message}`, { field: path });
}

function parseArray(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OpsiError("BackendIOError", "opsi-ts.json is no JSON", { cause });
  }
  if (!Array.isArray(value)) throw new OpsiError("BackendIOError", "opsi-ts.json is no JSON array");
  return value;
}

function objectOf(hash: unknown): OpsiObject {
  const type = isHash(hash) ? objectTypes.get(String(hash["type"])) : undefined;
  if (isHash(hash) && type && furtherPrefixes.some((prefix) => prefix === type.prefix)) return fromHash(type, hash);
  throw new OpsiError("BackendBadValueError", "An entry is no object that belongs here");
}

/** One object a line, so that copies of the file can be compared. */
export function furtherObjects(objects: readonly OpsiObject[]): string {
  if (objects.length === 0) return "[]\n";
  return `[\n${objects.map((object) => JSON.stringify(object)).join(",\n")}\n]\n`;
}
