import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  defaultHardwareTypes,
  type Family,
  families,
  fromHash,
  type HardwareTypeName,
  type OpsiObject,
  objectTypes,
} from "@opsi-ts/model";
import type { Storage, WriteMode } from "../../../packages/server/src/backends/storage.ts";
import { canonical } from "../json-values.ts";

/** Objects by type as the original reads them. */
export type RecordedSite = Readonly<Record<string, readonly Record<string, unknown>[]>>;

export async function readRecordedSite(...path: readonly string[]): Promise<RecordedSite> {
  return JSON.parse(await readFile(join(...path), "utf8")) as RecordedSite;
}

export const isHardware = (type: string): type is HardwareTypeName =>
  type === "AuditHardware" || type === "AuditHardwareOnHost";

export function familyOf(type: string): Family {
  const found = families.find(({ base, types }) => base.name === type || types.some(({ name }) => name === type));
  if (!found) throw new Error(`No family has the type ${type}`);
  return found;
}

export function objectOf(type: string, hash: Record<string, unknown>): OpsiObject {
  if (isHardware(type)) return defaultHardwareTypes.fromHash(type, hash);
  const objectType = objectTypes.get(String(hash["type"] ?? type));
  if (!objectType) throw new Error(`No type ${hash["type"] ?? type}`);
  return fromHash(objectType, hash);
}

/** Writes all objects in the order of the recording. */
export async function writeSite(storage: Storage, site: RecordedSite, mode: WriteMode): Promise<void> {
  for (const [type, hashes] of Object.entries(site)) {
    const objects = hashes.map((hash) => objectOf(type, hash));
    if (isHardware(type)) await storage.hardware.write(type, objects, mode);
    else await storage.write(familyOf(type), objects, mode);
  }
}

/** All objects of the types of a recording. */
export async function readSite(storage: Storage, types: Iterable<string>): Promise<RecordedSite> {
  const site: Record<string, Record<string, unknown>[]> = {};
  for (const type of types) {
    const json = isHardware(type)
      ? await storage.hardware.readJson(type, {}, "object")
      : await storage.readJson(familyOf(type), {}, "hash");
    const objects = json.parse() as Record<string, unknown>[];
    site[type] = objects.map(({ ident: _ident, ...hash }) => hash);
  }
  return site;
}

/** Objects as lines in a fixed order: what differs stands out. */
export function lines(site: RecordedSite): Record<string, string[]> {
  return Object.fromEntries(Object.entries(site).map(([type, objects]) => [type, objects.map(canonical).sort()]));
}
