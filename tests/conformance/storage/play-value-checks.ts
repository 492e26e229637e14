import {
  defaultHardwareTypes,
  type Family,
  families,
  fromHash,
  isSubtype,
  type OpsiObject,
  objectTypes,
} from "@opsi-ts/model";
import { MySqlStorage } from "../../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import type { ObjectStore, Storage } from "../../../packages/server/src/backends/storage.ts";
import { isHardware } from "../../../packages/server/src/backup/object-types.ts";
import { canonical, isRecord } from "../json-values.ts";
import { Comparison } from "../packages/compare.ts";
import type { Stage } from "./player.ts";
import { type Hash, putObjects } from "./recorded-objects.ts";
import { readJson } from "./recordings.ts";

/** One insert into the small site. */
interface Check {
  readonly nr: number;
  readonly call: string;
  readonly argument: Hash;
  readonly stored?: readonly Hash[];
  readonly error?: { readonly class: string; readonly message: string };
}

/** Odd values are stored and refused as by the original. */
export async function playValueChecks({ tally, recordings, databases }: Stage): Promise<void> {
  const path = await recordings.find("mysql-4.3/value-checks.json");
  if (!path) return;
  await using storage = await MySqlStorage.open((await databases.mariaDb()).newDatabase());
  await putObjects(storage, await recordings.site("small"));
  for (const check of await readJson<Check[]>(path)) {
    const comparison = new Comparison(tally, `mysql-4.3/value-checks/${check.nr}`);
    await comparison.step(check.call, () => playCheck(comparison, storage, check));
  }
}

/** What a check did is undone by this. */
class Undo extends Error {}

async function playCheck(
  comparison: Comparison,
  storage: Storage,
  { call, argument, stored, error }: Check,
): Promise<void> {
  const target = targetOf(call);
  let changed: readonly Hash[] = [];
  try {
    await storage.transaction(async (store) => {
      const before = new Set((await target.read(store)).map(canonical));
      await target.insert(store, expand(argument) as Hash);
      changed = (await target.read(store)).filter((object) => !before.has(canonical(object)));
      throw new Undo();
    });
  } catch (refusal) {
    if (refusal instanceof Undo) {
      if (error) return comparison.holds(`${call} stored`, false, `stored instead of ${error.class}: ${error.message}`);
      const isSame = changed.length === stored?.length && stored.every((one, at) => fits(changed[at], one, argument));
      return comparison.holds(`${call} stored`, isSame, `${canonical(changed)} instead of ${canonical(stored)}`);
    }
    const message = refusal instanceof Error ? refusal.message : String(refusal);
    // Nothing is cut here: what the original shortens is refused.
    if (stored?.some((one) => isShortened(one, argument)) && /too long|Out of range/i.test(message))
      return comparison.defect();
    comparison.holds(`${call} refused`, error !== undefined, `refused: ${message}`);
  }
}

/** How to write and read what a method `<prefix>_insertObject` takes. */
function targetOf(call: string) {
  const prefix = call.replace(/_.*/, "");
  const hardware = `${prefix.charAt(0).toUpperCase()}${prefix.slice(1)}`;
  if (isHardware(hardware)) {
    return {
      read: (store: ObjectStore) => store.hardware.read(hardware),
      insert: (store: ObjectStore, hash: Hash) =>
        store.hardware.write(hardware, [defaultHardwareTypes.fromHash(hardware, hash)], "insert"),
    };
  }
  const family = families.find((one) => one.prefix === prefix);
  if (!family) throw new Error(`No objects have the prefix ${prefix}`);
  return {
    read: async (store: ObjectStore) => await store.read(family),
    insert: (store: ObjectStore, hash: Hash) => store.write(family, [objectOf(family, hash)], "insert"),
  };
}

function objectOf(family: Family, hash: Hash): OpsiObject {
  const name = String(hash["type"] ?? family.base.name);
  const type = objectTypes.get(name);
  if (!type || !(name === family.base.name || isSubtype(name, family.base.name))) {
    throw new Error(`${name} is no ${family.base.name}`);
  }
  return fromHash(type, hash);
}

/** `{"$repeat": text, "$times": n}` stands for a long text. */
function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (!isRecord(value)) return value;
  if ("$repeat" in value) return String(value["$repeat"]).repeat(Number(value["$times"]));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expand(member)]));
}

/** @param given what was to be stored: of a number, JSON does not tell 1 from the 1.0 that became a text */
function fits(found: unknown, wanted: unknown, given: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) && found.length === wanted.length && wanted.every((one, at) => fits(found[at], one, null))
    );
  }
  if (!isRecord(wanted)) {
    const isNumber = typeof given === "number" && typeof found === "string" && typeof wanted === "string";
    return isNumber ? Number(found) === Number(wanted) : canonical(found) === canonical(wanted);
  }
  if ("$now" in wanted || "$random" in wanted) return typeof found === "string";
  if ("$length" in wanted) {
    const text = String(found);
    const { $length, $start, $end } = wanted;
    return [...text].length === $length && text.startsWith(String($start)) && text.endsWith(String($end));
  }
  const source = isRecord(given) ? given : {};
  return isRecord(found) && Object.entries(wanted).every(([key, member]) => fits(found[key], member, source[key]));
}

/** Whether less was stored than was given: the text that is left, or a number that fits, instead of the whole. */
function isShortened(stored: Hash, argument: Hash): boolean {
  return Object.entries(argument).some(([key, value]) => {
    const [given, left] = [expand(value), stored[key]];
    if (typeof given === "number") return left !== given;
    return (
      lengthOf(left) < lengthOf(given) || typeof left !== typeof given || Array.isArray(left) !== Array.isArray(given)
    );
  });
}

function lengthOf(value: unknown): number {
  if (isRecord(value) && "$length" in value) return Number(value["$length"]);
  return [...(typeof value === "string" ? value : JSON.stringify(value ?? ""))].length;
}
