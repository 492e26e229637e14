import { type Family, familyOf, type OpsiObject } from "@opsi-ts/model";
import type { ObjectStore } from "../backends/storage.ts";
import { depotConfigId } from "./depot-data.ts";

const hosts = familyOf("host");
const configStates = familyOf("configState");

/** What belongs to a host, and the attribute with the host's id. */
export interface Belonging {
  readonly family: Family;
  readonly attribute: string;
  readonly filter?: Readonly<Record<string, unknown>>;
}

const depotBelongings: readonly Belonging[] = [
  { family: familyOf("productOnDepot"), attribute: "depotId" },
  { family: familyOf("productPropertyState"), attribute: "objectId" },
  { family: configStates, attribute: "objectId" },
];

/** What belongs to a host, as what belongs to another one. */
export async function collectBelongings(
  store: ObjectStore,
  belongings: readonly Belonging[],
  id: string,
  newId: string,
): Promise<{ family: Family; objects: OpsiObject[] }[]> {
  const collected: { family: Family; objects: OpsiObject[] }[] = [];
  for (const { family, attribute, filter = {} } of belongings) {
    const found = await store.read(family, { filter: { ...filter, [attribute]: id } });
    if (found.length > 0)
      collected.push({ family, objects: found.map((object) => ({ ...object, [attribute]: newId })) });
  }
  return collected;
}

/**
 * Gives a depot another id; everything that names it follows. A host that has the id already makes room.
 *
 * @returns false where there is no such depot
 * @see objects 6.1, storage 7.2
 */
export async function renameDepot(store: ObjectStore, oldId: string, newId: string): Promise<boolean> {
  const [depot] = await store.read(hosts, { filter: { type: ["OpsiDepotserver", "OpsiConfigserver"], id: oldId } });
  if (!depot) return false;
  const moved = await collectBelongings(store, depotBelongings, oldId, newId);
  if (oldId !== newId) await store.remove(hosts, [{ id: newId }]);
  await store.remove(hosts, [{ id: oldId }]);
  await store.write(hosts, [renamedDepot(depot, oldId, newId)], "insert");
  for (const { family, objects } of moved) {
    await store.write(
      family,
      objects.map((object) => withValue(object, ["values"], oldId, newId)),
      "insert",
    );
  }
  const lists = ["possibleValues", "defaultValues"];
  await replaceInValues(store, familyOf("config"), {}, lists, oldId, newId);
  await replaceInValues(store, familyOf("productProperty"), {}, lists, oldId, newId);
  await replaceInValues(store, configStates, { configId: depotConfigId }, ["values"], oldId, newId);
  return true;
}

const renamedUrls = ["repositoryRemoteUrl", "depotRemoteUrl", "depotWebdavUrl", "workbenchRemoteUrl"];

function renamedDepot(depot: OpsiObject, oldId: string, newId: string): OpsiObject {
  const shortName = (id: string) => id.split(".")[0] ?? id;
  const changed: Record<string, unknown> = { id: newId };
  for (const name of renamedUrls) {
    const url = depot[name];
    if (typeof url !== "string") continue;
    const renamed = url.replaceAll(oldId, newId);
    changed[name] = renamed === url ? url.replace(shortName(oldId), shortName(newId)) : renamed;
  }
  return { ...depot, ...changed };
}

/** The object with `oldId` in its value lists replaced. */
function withValue(object: OpsiObject, lists: readonly string[], oldId: string, newId: string): OpsiObject {
  const changes = lists.flatMap((name): [string, unknown][] => {
    const values = object[name];
    return Array.isArray(values) ? [[name, values.map((value) => (value === oldId ? newId : value))]] : [];
  });
  return { ...object, ...Object.fromEntries(changes) };
}

async function replaceInValues(
  store: ObjectStore,
  family: Family,
  filter: Readonly<Record<string, unknown>>,
  lists: readonly string[],
  oldId: string,
  newId: string,
): Promise<void> {
  const found = await store.read(family, { filter });
  const naming = found.filter((object) => lists.some((name) => (object[name] as unknown[] | null)?.includes(oldId)));
  await store.write(
    family,
    naming.map((object) => withValue(object, lists, oldId, newId)),
    "insert",
  );
}
