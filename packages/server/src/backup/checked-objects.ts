import {
  fromHash,
  type HardwareTypes,
  identAttributes,
  identString,
  isOpsiError,
  isSubtype,
  type OpsiObject,
  objectTypes,
} from "@opsi-ts/model";
import { layoutOf } from "../backends/sql/layout.ts";
import { Turn } from "../backends/turn.ts";
import type { BackupDocument } from "./document.ts";
import { familyNamed, isHardware, objectTypeNames } from "./object-types.ts";

/** What the model says of the objects of a backup. */
export interface CheckedObjects {
  /** By class, in the order in which they can be created. */
  readonly objects: ReadonlyMap<string, readonly OpsiObject[]>;
  /** How many of each type are left out because nobody here knows it. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Objects that could not be read again, and why. */
  readonly invalid: readonly string[];
}

type Hash = BackupDocument["objects"][string][number];

/** Looks at every object of a backup before any is written. */
export async function checkObjects(types: HardwareTypes, given: BackupDocument["objects"]): Promise<CheckedObjects> {
  const turn = new Turn();
  const objects = new Map<string, OpsiObject[]>();
  const unknown = new Map<string, number>();
  const invalid: string[] = [];
  for (const [name, hashes] of Object.entries(given)) {
    if (!objectTypeNames.includes(name) && hashes.length > 0) unknown.set(name, hashes.length);
  }
  for (const name of objectTypeNames) {
    const valid: OpsiObject[] = [];
    const keys = new Set<string>();
    objects.set(name, valid);
    for (const hash of given[name] ?? []) {
      if (turn.isOver) await turn.pass();
      try {
        const object = isHardware(name) ? hardwareOf(types, name, hash) : objectOf(name, hash);
        if (object === null) count(unknown, typeNameOf(name, hash));
        else if (isNew(name, object, keys)) valid.push(object);
        else invalid.push(`${name} '${identOf(name, hash)}': once more`);
      } catch (error) {
        if (!isOpsiError(error)) throw error;
        invalid.push(`${name} '${identOf(name, hash)}': ${error.message}`);
      }
    }
  }
  return { objects, unknown, invalid };
}

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);

/** Databases compare keys without case. Hardware has none: a host may have two pieces that are alike. */
function isNew(name: string, object: OpsiObject, keys: Set<string>): boolean {
  if (isHardware(name)) return true;
  const { size } = keys;
  const withType = layoutOf(familyNamed(name)).table.primaryKey.includes("type");
  return keys.add(`${withType ? object.type : ""};${identString(object)}`.toLowerCase()).size > size;
}

/** Of classes that are not configured here there is no table. */
function hardwareOf(types: HardwareTypes, name: Parameters<HardwareTypes["type"]>[0], hash: Hash): OpsiObject | null {
  return types.type(name, String(hash["hardwareClass"])) === null ? null : types.fromHash(name, hash);
}

/** Null for a type that nobody knows, or that is of another class. */
function objectOf(name: string, { ident: _ident, ...hash }: Hash): OpsiObject | null {
  const typeName = String(hash["type"] ?? name);
  const type = objectTypes.get(typeName);
  return type && (typeName === name || isSubtype(typeName, name)) ? fromHash(type, hash) : null;
}

function typeNameOf(name: string, hash: Hash): string {
  return isHardware(name) ? `${name} ${hash["hardwareClass"]}` : String(hash["type"] ?? name);
}

function identOf(name: string, hash: Hash): string {
  const names = isHardware(name) ? ["hostId", "hardwareClass", "name"] : identAttributes(familyNamed(name).base);
  return names.map((attribute) => String(hash[attribute] ?? "")).join(";");
}
