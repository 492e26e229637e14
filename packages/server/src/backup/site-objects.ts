import type { OpsiObject } from "@opsi-ts/model";
import type { ObjectStore, Storage } from "../backends/storage.ts";
import type { CheckedObjects } from "./checked-objects.ts";
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

/** Objects in the place of those that there are. Of a transaction: all or none. @param onWritten is told how many */
export async function replaceObjects(
  store: ObjectStore,
  objects: CheckedObjects["objects"],
  onWritten: (count: number) => void = () => {},
): Promise<void> {
  await removeAll(store);
  let written = 0;
  for (const [name, list] of objects) {
    for (const part of bundles(list)) {
      if (isHardware(name)) await store.hardware.write(name, part, "insert");
      else await restore(store, name, part);
      written += part.length;
      onWritten(written);
    }
  }
}

function* bundles<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += bundle) yield items.slice(start, start + bundle);
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
