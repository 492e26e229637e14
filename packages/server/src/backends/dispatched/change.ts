import { familyOf, type HardwareTypeName, type OpsiObject } from "@opsi-ts/model";
import type { Ident, ObjectStore, WriteMode } from "../storage.ts";

/**
 * One call that changes something; has a form in JSON. Doing it a second time changes nothing more: only models of
 * devices are there twice then, which is nothing unusual. (objects 6.14)
 */
export type Change =
  | {
      readonly kind: "write";
      readonly prefix: string;
      readonly objects: readonly OpsiObject[];
      readonly mode: WriteMode;
    }
  | { readonly kind: "remove"; readonly prefix: string; readonly idents: readonly Ident[] }
  | {
      readonly kind: "writeHardware";
      readonly name: HardwareTypeName;
      readonly objects: readonly OpsiObject[];
      readonly mode: WriteMode;
    }
  | { readonly kind: "removeHardware"; readonly name: HardwareTypeName; readonly objects: readonly OpsiObject[] }
  | { readonly kind: "removeHardwareOfHosts"; readonly hostIds: readonly string[] }
  | { readonly kind: "moveHardware"; readonly hostId: string; readonly newHostId: string };

export function makeChange(store: ObjectStore, change: Change): Promise<void> {
  switch (change.kind) {
    case "write":
      return store.write(familyOf(change.prefix), change.objects, change.mode);
    case "remove":
      return store.remove(familyOf(change.prefix), change.idents);
    case "writeHardware":
      return store.hardware.write(change.name, change.objects, change.mode);
    case "removeHardware":
      return store.hardware.remove(change.name, change.objects);
    case "removeHardwareOfHosts":
      return store.hardware.removeOfHosts(change.hostIds);
    case "moveHardware":
      return store.hardware.moveToHost(change.hostId, change.newHostId);
    default:
      return change satisfies never;
  }
}
