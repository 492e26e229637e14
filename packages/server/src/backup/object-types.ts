import { type Family, families, type HardwareTypeName, type OpsiObject } from "@opsi-ts/model";
import type { ObjectStore, Snapshot, Storage } from "../backends/storage.ts";

/** Classes of objects in the order in which they can be created: each after those that it refers to. (storage 7.6) */
export const objectTypeNames: readonly string[] = [
  ..."User Host Config ConfigState Product ProductProperty ProductDependency ProductOnDepot ProductOnClient".split(" "),
  ..."ProductPropertyState Group ObjectToGroup AuditSoftware AuditSoftwareOnClient AuditHardware".split(" "),
  ..."AuditHardwareOnHost LicenseContract SoftwareLicense LicensePool AuditSoftwareToLicensePool".split(" "),
  ..."SoftwareLicenseToLicensePool LicenseOnClient".split(" "),
];

const hardware = ["AuditHardware", "AuditHardwareOnHost"] as const;

export const isHardware = (name: string): name is HardwareTypeName => hardware.some((each) => each === name);

const familyByName = new Map(families.map((family) => [family.base.name, family]));

/** @throws Error for hardware, which is of no family, and for what is no class */
export function familyNamed(name: string): Family {
  const family = familyByName.get(name);
  if (!family) throw new Error(`${name} is no class of objects`);
  return family;
}

/** All objects of a class, in portions. */
export function portionsOf(snapshot: Snapshot, name: string): AsyncIterable<OpsiObject[]> {
  return isHardware(name) ? snapshot.readHardware(name) : snapshot.read(familyNamed(name));
}

export function countOf(storage: Storage, name: string): Promise<number> {
  return isHardware(name) ? storage.hardware.count(name, {}) : storage.count(familyNamed(name));
}

/** Writes objects as they were read: what is null stays null, nothing is filled in as at a creation. */
export function restore(store: ObjectStore, name: string, objects: readonly OpsiObject[]): Promise<void> {
  return isHardware(name)
    ? store.hardware.write(name, objects, "restore")
    : store.write(familyNamed(name), objects, "restore");
}
