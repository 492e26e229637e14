import { defaultHardwareTypes } from "@opsi-ts/model";
import type { Storage } from "../../../packages/server/src/backends/storage.ts";
import { checkObjects } from "../../../packages/server/src/backup/checked-objects.ts";
import { replaceObjects } from "../../../packages/server/src/backup/site-objects.ts";
import type { Comparison } from "../packages/compare.ts";

/** Objects by the name of their class, as `getObjects` returns them. */
export type RecordedObjects = Record<string, readonly Hash[]>;
export type Hash = Readonly<Record<string, unknown>>;

/** Puts objects in the place of those that there are. */
export async function putObjects(storage: Storage, recorded: RecordedObjects): Promise<void> {
  const { objects, invalid } = await checkObjects(defaultHardwareTypes, recorded);
  if (invalid.length > 0) throw new Error(`Not valid: ${invalid.slice(0, 3).join("; ")}`);
  await storage.transaction((store) => replaceObjects(store, objects));
}

const whole = (hash: Hash) => hash;

/** One comparison for each class of the recording. @param view what counts of an object */
export function compareObjects(
  comparison: Comparison,
  step: string,
  expected: RecordedObjects,
  actual: RecordedObjects,
  view: (hash: Hash) => Hash = whole,
): void {
  for (const [name, objects] of Object.entries(expected)) {
    const detail = differences(objects, actual[name] ?? [], view);
    comparison.holds(`${step} ${name}`, detail === "", detail);
  }
}

/**
 * What is missing and what is there besides, in words; empty when both are the same in whatever order.
 *
 * @param view what counts of an object
 */
export function differences(expected: readonly Hash[], actual: readonly Hash[], view: (hash: Hash) => Hash): string {
  const open = new Map<string, number>();
  for (const object of actual) count(open, text(view(object)), 1);
  const missing = expected.map((object) => text(view(object))).filter((object) => !count(open, object, -1));
  const besides = [...open].filter(([, number]) => number > 0).map(([object]) => object);
  const some = (what: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${list.length} ${what}, the first ${list[0]?.slice(0, 400)}`];
  return [...some("missing", missing), ...some("besides", besides)].join("; ");
}

/** False where there is none to take away. */
function count(map: Map<string, number>, key: string, change: number): boolean {
  const number = (map.get(key) ?? 0) + change;
  if (number < 0) return false;
  map.set(key, number);
  return true;
}

function text(hash: Hash): string {
  const { ident: _ident, ...attributes } = hash;
  return JSON.stringify(Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))));
}
