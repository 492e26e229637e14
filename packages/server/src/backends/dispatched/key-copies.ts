import {
  type Family,
  familyOf,
  identString,
  OpsiError,
  type OpsiObject,
  objectTypeOf,
  setDefaults,
} from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import type { ObjectStore } from "../storage.ts";
import { keyAttributes, keyOf, keyTextOf } from "./references.ts";
import type { SitePlan } from "./site-plan.ts";

type Stores = ReadonlyMap<StorageName, ObjectStore>;

/** What is not the same where a family is kept and where its keys are known. */
export interface KeyDifference {
  readonly storage: StorageName;
  readonly family: Family;
  /** Keys that the storage does not have yet. */
  readonly missing: readonly OpsiObject[];
  /** Keys of objects that are gone. */
  readonly surplus: readonly OpsiObject[];
}

async function readKeys(store: ObjectStore, family: Family): Promise<Map<string, OpsiObject>> {
  const objects = await store.read(family, { attributes: keyAttributes(family) });
  const keyText = keyTextOf(family);
  return new Map(objects.map((object) => [keyText(object), object]));
}

function without(family: Family, objects: ReadonlyMap<string, OpsiObject>, others: ReadonlyMap<string, OpsiObject>) {
  return [...objects].flatMap(([key, object]) => (others.has(key) ? [] : [keyOf(family, object)]));
}

/** Compares the keys that one storage knows with those at home; in an order in which missing ones can be written. */
export async function* keyDifferences(
  plan: SitePlan,
  storage: StorageName,
  stores: Stores,
): AsyncIterable<KeyDifference> {
  const own = storeOf(stores, storage);
  for (const family of plan.foreign.get(storage) ?? []) {
    const home = await readKeys(storeOf(stores, plan.of(family).home), family);
    const known = await readKeys(own, family);
    const [missing, surplus] = [without(family, home, known), without(family, known, home)];
    if (missing.length + surplus.length > 0) yield { storage, family, missing, surplus };
  }
}

/**
 * Adds the keys that one storage lacks.
 *
 * @returns how many
 */
export async function addMissingKeys(
  plan: SitePlan,
  storage: StorageName,
  stores: Stores,
  write: (family: Family, keys: readonly OpsiObject[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  for await (const { family, missing } of keyDifferences(plan, storage, stores)) {
    if (missing.length > 0) await write(family, missing);
    count += missing.length;
  }
  return count;
}

export function storeOf<T>(stores: ReadonlyMap<StorageName, T>, name: StorageName): T {
  const store = stores.get(name);
  if (!store) throw new Error(`'${name}' is not open`);
  return store;
}

const named = 5;

/**
 * Looks before keys of objects that are gone are removed with what hangs on them. A dispatch.conf that was changed
 * before the objects were brought to the other storage, and a folder that is not there, look the same.
 *
 * @throws BackendConfigurationError where whole objects lie in a storage that should know keys only, or all hosts are
 *   gone
 */
export async function checkSurplus(
  differences: readonly KeyDifference[],
  plan: SitePlan,
  stores: Stores,
): Promise<void> {
  const hosts = familyOf("host");
  const isEmpty = (await storeOf(stores, plan.of(hosts).home).count(hosts)) === 0;
  for (const { storage, family, surplus } of differences) {
    if (surplus.length === 0) continue;
    const keyText = keyTextOf(family);
    const keys = new Set(surplus.map(keyText));
    const objects = (await storeOf(stores, storage).read(family)).filter((object) => keys.has(keyText(object)));
    const whole = isEmpty ? objects : objects.filter((object) => !isKeyOnly(family, object));
    if (whole.length === 0) continue;
    const list = whole.slice(0, named).map(identString).join(", ") + (whole.length > named ? ", ..." : "");
    const { home } = plan.of(family);
    throw new OpsiError(
      "BackendConfigurationError",
      `dispatch.conf sends '${family.prefix}' to '${home}', which lacks ${whole.length} that '${storage}' has (${list}): ` +
        `bring them to '${home}' first, or remove them from '${storage}'`,
    );
  }
}

/** Whether an object says nothing but its key and what every new one says. */
function isKeyOnly(family: Family, object: OpsiObject): boolean {
  const initial = setDefaults({ ...keyOf(family, object), type: objectTypeOf(object).name });
  const known = new Set(["type", ...keyAttributes(family)]);
  return Object.entries(object).every(
    ([name, value]) =>
      known.has(name) || value === null || value === "" || JSON.stringify(value) === JSON.stringify(initial[name]),
  );
}
