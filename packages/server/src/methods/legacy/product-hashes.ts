import { OpsiError, type OpsiObject } from "@opsi-ts/model";
import { filterValues } from "../arguments.ts";
import type { Call } from "../declare.ts";
import { products, productsOnDepots } from "../families.ts";
import { depotIds } from "./find-host.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { withoutNulls } from "./legacy-values.ts";
import { inVersionOrder } from "./version-order.ts";

type Hash = Record<string, unknown>;

function productHash({ type, id, ...product }: OpsiObject): Hash {
  return { ...withoutNulls(product), productId: id, productType: type === "NetbootProduct" ? "netboot" : "localboot" };
}

const version = (object: Readonly<Record<string, unknown>>, id: "id" | "productId") =>
  `${object[id]};${object["productVersion"]};${object["packageVersion"]}`;

/** The products of depots in exactly the versions that are there, by depot. */
async function productsOfDepots(
  { objects }: Call,
  filter: Readonly<Record<string, unknown>>,
): Promise<Map<string, OpsiObject[]>> {
  const onDepots = await objects.read(productsOnDepots, [], filter);
  if (onDepots.length === 0) return new Map();
  const productId = filter["productId"];
  const found = await objects.read(products, [], productId === undefined ? {} : { id: productId });
  const byVersion = new Map(found.map((product) => [version(product, "id"), product]));
  const ofDepots = new Map<string, OpsiObject[]>();
  for (const onDepot of onDepots) {
    const product = byVersion.get(version(onDepot, "productId"));
    if (!product) continue;
    const depotId = String(onDepot["depotId"]);
    const ofDepot = ofDepots.get(depotId);
    if (ofDepot) ofDepot.push(product);
    else ofDepots.set(depotId, [product]);
  }
  return ofDepots;
}

/** @throws BackendMissingDataError */
async function findProduct(call: Call, productId: unknown, depotId: unknown): Promise<OpsiObject> {
  const where = depotId ? ` on depot '${depotId}'` : "";
  const found = depotId
    ? (await productsOfDepots(call, { productId, depotId })).values().next().value
    : inVersionOrder(await call.objects.read(products, [], { id: productId }));
  if (found?.[0]) return found[0];
  throw new OpsiError("BackendMissingDataError", `No product with id '${productId}'${where} found`, {
    field: "productId",
  });
}

async function productsByDepot(call: Call, given: unknown): Promise<Record<string, Record<string, Hash>>> {
  const chosen = filterValues(given);
  const wanted = chosen.length > 0 ? chosen : await depotIds(call, { isMasterDepot: true });
  if (wanted.length === 0) return {};
  const ofDepots = await productsOfDepots(call, { depotId: wanted });
  return Object.fromEntries(
    [...ofDepots].map(([depotId, list]) => [
      depotId,
      Object.fromEntries(list.map((product) => [String(product["id"]), productHash(product)])),
    ]),
  );
}

const actions = ["setup", "uninstall", "update", "always", "once", "custom"];

const possibleActions = (product: OpsiObject): string[] => [
  "none",
  ...actions.filter((action) => product[`${action}Script`]),
];

/** The products of a depot; without one, or where there is none of this id, all versions of all products. */
async function ofDepotOrAll(call: Call, depotId: unknown): Promise<OpsiObject[]> {
  if (depotId && (await depotIds(call, { id: depotId })).length > 0) {
    return [...(await productsOfDepots(call, { depotId })).values()].flat();
  }
  return inVersionOrder(await call.objects.read(products, [], {}));
}

/** (methods 16.3) */
export const productHashMethods = legacyMethods({
  getProduct_hash: {
    signature: "productId depotId=None",
    doc: "The attributes of a product, of the version that a depot has.",
    current: true,
    run: async (call, productId, depotId) => productHash(await findProduct(call, productId, depotId)),
  },
  getProducts_hash: {
    signature: "depotIds=None",
    doc: "The attributes of all products on depots.",
    alternative: "product_getObjects",
    run: productsByDepot,
  },
  getProducts_listOfHashes: {
    signature: "depotId=None",
    doc: "The attributes of all products on a depot, or of all versions.",
    alternative: "product_getObjects",
    run: async (call, depotId) => {
      const found = depotId
        ? [...(await productsOfDepots(call, { depotId })).values()].flat()
        : await call.objects.read(products, [], {});
      return found.map(productHash);
    },
  },
  getPossibleProductActions_list: {
    signature: "productId=None depotId=None",
    doc: "Actions for which a product has a script.",
    alternative: "product_getObjects",
    run: async (call, productId, depotId) =>
      productId ? possibleActions(await findProduct(call, productId, depotId)) : ["none", ...actions],
  },
  getPossibleProductActions_hash: {
    signature: "depotId=None",
    doc: "Actions for which the products have scripts.",
    alternative: "product_getObjects",
    run: async (call, depotId) =>
      Object.fromEntries(
        (await ofDepotOrAll(call, depotId)).map((product) => [product["id"], possibleActions(product)]),
      ),
  },
});
