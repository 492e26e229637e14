import { families, OpsiError } from "@opsi-ts/model";
import { type DispatchEntry, type StorageName, storageNamed } from "../dispatch.ts";

/** The storages of what one prefix of methods stands for: the one that is read, then those that get what is written, too. */
export type Places = readonly [home: StorageName, ...mirrors: StorageName[]];

/** Models of devices, and the pieces of them that hosts have. */
export const hardwarePrefixes = ["auditHardware", "auditHardwareOnHost"] as const;
const prefixes = [...families.map(({ prefix }) => prefix), ...hardwarePrefixes];

/** Methods of a storage. (storage 1.1) */
const reads = ["getObjects", "getHashes"];
const writes = ["insertObject", "updateObject", "deleteObjects"];

/** Where the entry that decides sends a method. */
interface Target {
  readonly method: string;
  readonly line: number;
  readonly storages: Places;
}

/** Null where no entry matches, or only one that names nothing that keeps objects. */
function targetOf(method: string, entries: readonly DispatchEntry[]): Target | null {
  const entry = entries.find(({ pattern }) => pattern.test(method));
  const [home, ...more] = new Set(entry?.backends.map(storageNamed).filter((name) => name !== null));
  return entry && home ? { method, line: entry.line, storages: [home, ...more] } : null;
}

function apart(path: string, one: Target, other: Target, expected: string): OpsiError {
  const said = ({ method, storages, line }: Target) => `'${method}' to '${storages.join(", ")}' in line ${line}`;
  return new OpsiError("BackendConfigurationError", `${path} sends ${said(one)} and ${said(other)}: ${expected}`);
}

const sameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((name) => b.includes(name));

/** Reads may name fewer storages than writes: of several, one is read. */
function placesOf(prefix: string, entries: readonly DispatchEntry[], path: string): Target | null {
  const targets = (verbs: readonly string[]) =>
    verbs.map((verb) => targetOf(`${prefix}_${verb}`, entries)).filter((target) => target !== null);
  const [read, ...otherReads] = targets(reads);
  const [write, ...otherWrites] = targets(writes);
  if (!read || !write) return read ?? write ?? null;
  const [home] = read.storages;
  const expected = "one place for what is read and written was expected";
  const wrong =
    otherReads.find(({ storages }) => storages[0] !== home) ??
    [write, ...otherWrites].find(({ storages }) => !storages.includes(home));
  if (wrong) throw apart(path, read, wrong, expected);
  const differs = otherWrites.find(({ storages }) => !sameSet(storages, write.storages));
  if (differs) throw apart(path, write, differs, expected);
  return { ...read, storages: [home, ...write.storages.filter((name) => name !== home)] };
}

/**
 * Where dispatch.conf has the objects of each prefix; null where it names nothing that keeps objects. What no entry
 * speaks of goes with the hosts: users, which 4.2 does not know, for one.
 *
 * @param path for messages
 * @throws BackendConfigurationError naming the lines that do not fit together
 * @see storage 2.2, 2.3
 */
export function dispatchedPlaces(entries: readonly DispatchEntry[], path: string): ReadonlyMap<string, Places> | null {
  const targets = new Map(prefixes.map((prefix) => [prefix, placesOf(prefix, entries, path)]));
  const used = [...targets.values()].filter((target) => target !== null);
  const names = new Set(used.flatMap(({ storages }) => storages));
  const [only] = names;
  if (only === undefined) return null;
  const rest = targets.get("host")?.storages ?? (names.size === 1 ? ([only] as const) : null);
  if (rest === null) {
    const message = `${path} names '${[...names].join("', '")}', but no line says where hosts are: one like 'host_.* : ${only}' was expected`;
    throw new OpsiError("BackendConfigurationError", message);
  }
  const [devices, pieces] = hardwarePrefixes.map((prefix) => targets.get(prefix));
  if (devices && pieces && devices.storages.join() !== pieces.storages.join()) {
    throw apart(path, devices, pieces, "one place for all of the hardware was expected");
  }
  return new Map([...targets].map(([prefix, target]) => [prefix, target?.storages ?? rest]));
}
