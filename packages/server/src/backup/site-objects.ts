import { type Family, fromHash, type HardwareTypes, isSubtype, type OpsiObject, objectTypes } from "@opsi-ts/model";
import type { ObjectStore, Storage } from "../backends/storage.ts";
import type { BackupDocument } from "./document.ts";
import { familyNamed, isHardware, objectTypeNames, portionsOf, restore } from "./object-types.ts";

/** Objects that are written with one call. */
const bundle = 1000;

/** All objects of a site by class, as they were at one moment: what refers to another object comes with it. */
export async function readObjects(storage: Storage): Promise<BackupDocument["objects"]> {
  await using snapshot = storage.snapshot();
  const objects: Record<string, OpsiObject[]> = {};
  for (const name of objectTypeNames) objects[name] = (await Array.fromAsync(portionsOf(snapshot, name))).flat();
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
    for (const name of objectTypeNames) {
      const hashes = objects[name] ?? [];
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
      } else {
        const known = hashes.flatMap((hash) => objectOf(familyNamed(name), hash));
        for (const part of bundles(known)) await restore(store, name, part);
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
  const hostIds = (await store.readIdents(familyNamed("Host"))).map(({ id }) => String(id));
  if (hostIds.length > 0) await store.hardware.removeOfHosts(hostIds);
  for (const name of objectTypeNames.filter(isHardware)) {
    const left = await store.hardware.read(name);
    if (left.length > 0) await store.hardware.remove(name, left);
  }
  for (const name of objectTypeNames.filter((each) => !isHardware(each)).toReversed()) {
    const idents = await store.readIdents(familyNamed(name));
    if (idents.length > 0) await store.remove(familyNamed(name), idents);
  }
}
