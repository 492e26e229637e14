import { setImmediate } from "node:timers/promises";
import { familyOf, type HardwareTypeName, isSubtype, type OpsiObject } from "@opsi-ts/model";
import type { ObjectStore } from "../storage.ts";
import { Turn } from "../turn.ts";
import type { Change } from "./contents.ts";
import { furtherPrefixes } from "./further-objects.ts";
import type { ChangedRow } from "./index-rows.ts";
import { productIdent, type SiteIndex } from "./site-index.ts";
import { type FileKind, type ProductIdent, placeOf, productPlace, type SiteFile, type SitePaths } from "./site-tree.ts";

/** The changes of one file. */
export interface PlannedFile {
  readonly file: SiteFile;
  /** The product of a product file. */
  readonly product: ProductIdent | null;
  readonly changes: Change[];
}

/** The attribute with the host in whose file an object stands. */
const hostAttribute: Readonly<Record<string, string>> = {
  host: "id",
  configState: "objectId",
  productPropertyState: "objectId",
  productOnClient: "clientId",
  productOnDepot: "depotId",
};

const siteFileOf: Readonly<Record<string, Exclude<FileKind, "product">>> = {
  config: "configs",
  auditSoftware: "software",
  auditHardware: "hardware",
  ...Object.fromEntries(furtherPrefixes.map((prefix) => [prefix, "furtherObjects" as const])),
};

/**
 * Says which files have to be changed, and how, when rows of the index were changed. Removals come before the rest: an
 * object may take the place of another one.
 */
export async function planChanges(
  rows: readonly ChangedRow[],
  store: ObjectStore,
  index: SiteIndex,
  paths: SitePaths,
): Promise<PlannedFile[]> {
  const changes = await currentObjects(rows, store);
  const hosts = new Map(
    changes.filter(({ prefix }) => prefix === "host").map(({ ident, object }) => [String(ident["id"]), object]),
  );
  const products = new Map(
    changes
      .filter(({ prefix }) => prefix === "product")
      .map(({ ident, object }) => [JSON.stringify(productIdent(ident, "id")), object]),
  );
  const planned = new Map<string, PlannedFile>();
  const fileOf = (change: Change): SiteFile => {
    const { prefix, ident } = change;
    const host = hostAttribute[prefix];
    if (host !== undefined) return hostFile(String(ident[host]), hosts, index, paths);
    const site = siteFileOf[prefix];
    if (site) return index.find(site) ?? placeOf(paths, site);
    switch (prefix) {
      case "group":
      case "objectToGroup": {
        const kind =
          ident["type"] === "HostGroup" || ident["groupType"] === "HostGroup" ? "hostGroups" : "productGroups";
        return index.find(kind) ?? placeOf(paths, kind);
      }
      case "auditSoftwareOnClient":
      case "auditHardwareOnHost": {
        const kind = prefix === "auditHardwareOnHost" ? "hostHardware" : "clientSoftware";
        const hostId = String(ident["hostId"] ?? ident["clientId"]);
        return index.find(kind, hostId) ?? placeOf(paths, kind, hostId);
      }
      default: {
        const product = productOf(change);
        const object = products.get(JSON.stringify(product));
        return index.find("product", product) ?? productPlace(paths, product, object?.type ?? "");
      }
    }
  };
  const turn = new Turn();
  for (const change of changes) {
    if (turn.isOver) await turn.pass();
    const file = fileOf(change);
    const product = file.kind === "product" ? productOf(change) : null;
    const known = planned.get(file.path) ?? { file, product, changes: [] };
    planned.set(file.path, known);
    if (change.object) known.changes.push(change);
    else known.changes.unshift(change);
  }
  return [...planned.values()];
}

const productOf = ({ prefix, ident }: Change) => productIdent(ident, prefix === "product" ? "id" : "productId");

function hostFile(
  hostId: string,
  hosts: ReadonlyMap<string, OpsiObject | null>,
  index: SiteIndex,
  paths: SitePaths,
): SiteFile {
  const known = index.find("depot", hostId) ?? index.find("client", hostId);
  if (known) return known;
  const host = hosts.get(hostId);
  return placeOf(paths, host && isSubtype(host.type, "OpsiDepotserver") ? "depot" : "client", hostId);
}

/** What became of the rows. */
async function currentObjects(rows: readonly ChangedRow[], store: ObjectStore): Promise<Change[]> {
  const byPrefix = Map.groupBy(rows, ({ prefix }) => prefix);
  const changes: Change[][] = [];
  for (const [prefix, ofPrefix] of byPrefix) {
    if (prefix.startsWith("auditHardware")) changes.push(await currentHardware(ofPrefix, store));
    else if (!isFurther(prefix)) changes.push(await currentOfFamily(prefix, ofPrefix, store));
  }
  if ([...byPrefix.keys()].some(isFurther)) changes.push(await allFurther(store));
  return changes.flat();
}

const isFurther = (prefix: string) => furtherPrefixes.some((name) => name === prefix);

/** Reading in a transaction keeps everybody else waiting. */
const rowsAtOnce = 500;

async function currentOfFamily(prefix: string, rows: readonly ChangedRow[], store: ObjectStore): Promise<Change[]> {
  const names = Object.keys(rows[0]?.ident ?? {});
  const keyOf = (values: Readonly<Record<string, unknown>>) => JSON.stringify(names.map((name) => values[name]));
  const changes: Change[] = [];
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    const part = rows.slice(start, start + rowsAtOnce);
    const filter = Object.fromEntries(names.map((name) => [name, plainList(part.map(({ ident }) => ident[name]))]));
    const objects = await store.read(familyOf(prefix), { filter });
    const found = new Map(objects.map((object) => [keyOf(object), object]));
    changes.push(...part.map(({ ident }) => ({ prefix, ident, object: found.get(keyOf(ident)) ?? null })));
    await setImmediate();
  }
  return changes;
}

/** More than ten values are compared as they are, without wildcards and operators. (objects 5.1) */
function plainList(values: readonly unknown[]): unknown[] {
  const list = [...new Set(values)];
  while (list.length <= 10) list.push(...list);
  return list;
}

async function currentHardware(rows: readonly ChangedRow[], store: ObjectStore): Promise<Change[]> {
  const changes: Change[] = [];
  const turn = new Turn();
  for (const { prefix, ident } of rows) {
    if (turn.isOver) await turn.pass();
    const name: HardwareTypeName = prefix === "auditHardware" ? "AuditHardware" : "AuditHardwareOnHost";
    const objects = await store.hardware.read(name, { filter: ident });
    changes.push(...(objects.length > 0 ? objects : [null]).map((object) => ({ prefix, ident, object })));
  }
  return changes;
}

async function allFurther(store: ObjectStore): Promise<Change[]> {
  const found: Change[][] = [];
  for (const prefix of furtherPrefixes) {
    const objects = await store.read(familyOf(prefix));
    found.push(objects.map((object) => ({ prefix, ident: {}, object })));
  }
  const changes = found.flat();
  return changes.length > 0 ? changes : [{ prefix: "user", ident: {}, object: null }];
}
