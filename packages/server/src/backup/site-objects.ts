import {
  type Family,
  families,
  fromHash,
  type HardwareTypes,
  isSubtype,
  type OpsiObject,
  objectTypes,
} from "@opsi-ts/model";
import type { ObjectStore, Storage } from "../backends/storage.ts";
import type { BackupDocument } from "./document.ts";

/** Classes in the order in which they can be created again. (storage 7.6) */
const order = [
  ..."User Host Config ConfigState Product ProductProperty ProductDependency ProductOnDepot ProductOnClient".split(" "),
  ..."ProductPropertyState Group ObjectToGroup AuditSoftware AuditSoftwareOnClient AuditHardware".split(" "),
  ..."AuditHardwareOnHost LicenseContract SoftwareLicense LicensePool AuditSoftwareToLicensePool".split(" "),
  ..."SoftwareLicenseToLicensePool LicenseOnClient".split(" "),
];
const hardware = ["AuditHardware", "AuditHardwareOnHost"] as const;
const isHardware = (name: string): name is (typeof hardware)[number] => hardware.some((each) => each === name);
const familyByName = new Map(families.map((family) => [family.base.name, family]));

/** Objects that are written with one call. */
const bundle = 1000;

/** All objects of a site by class, as they were at one moment: what refers to another object comes with it. */
export async function readObjects(storage: Storage): Promise<BackupDocument["objects"]> {
  await using snapshot = storage.snapshot();
  const objects: Record<string, OpsiObject[]> = {};
  for (const name of order) {
    const family = familyByName.get(name);
    if (isHardware(name)) objects[name] = await snapshot.readHardware(name);
    else if (family) objects[name] = await snapshot.read(family);
  }
  return objects;
}

/** Puts the objects of a backup in the place of those that there are: all or none. */
export async function replaceObjects(
  storage: Storage,
  types: HardwareTypes,
  objects: BackupDocument["objects"],
): Promise<void> {
  await storage.transaction(async (store) => {
    await removeAll(store);
    for (const name of order) {
      const hashes = objects[name] ?? [];
      const family = familyByName.get(name);
      if (isHardware(name)) {
        // Of classes that are not configured here there is no table, as of types that are not known.
        const known = hashes.filter(({ hardwareClass }) => types.type(name, String(hardwareClass)) !== null);
        for (const part of bundles(known)) {
          await store.hardware.write(
            name,
            part.map((hash) => types.fromHash(name, hash)),
            "insert",
          );
        }
      } else if (family) {
        const known = hashes.flatMap((hash) => objectOf(family, hash));
        // What is null stays null: nothing is filled in as at a creation.
        for (const part of bundles(known)) await store.write(family, part, "restore");
      }
    }
  });
}

function* bundles<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += bundle) yield items.slice(start, start + bundle);
}

/** Types that are not known are left out. */
function objectOf(family: Family, { ident: _ident, ...hash }: Readonly<Record<string, unknown>>): OpsiObject[] {
  const name = String(hash["type"] ?? family.base.name);
  const type = objectTypes.get(name);
  return type && (name === family.base.name || isSubtype(name, family.base.name)) ? [fromHash(type, hash)] : [];
}

async function removeAll(store: ObjectStore): Promise<void> {
  const hosts = familyByName.get("Host");
  const hostIds = hosts ? (await store.readIdents(hosts)).map(({ id }) => String(id)) : [];
  if (hostIds.length > 0) await store.hardware.removeOfHosts(hostIds);
  for (const name of hardware) {
    const left = await store.hardware.read(name);
    if (left.length > 0) await store.hardware.remove(name, left);
  }
  for (const name of order.toReversed()) {
    const family = familyByName.get(name);
    if (!family) continue;
    const idents = await store.readIdents(family);
    if (idents.length > 0) await store.remove(family, idents);
  }
}
