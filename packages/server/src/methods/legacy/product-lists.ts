import { OpsiError, rule } from "@opsi-ts/model";
import type { Filter } from "../../backends/storage.ts";
import { filterValues } from "../arguments.ts";
import type { Call } from "../declare.ts";
import { depotOfClient } from "../depot-assignment.ts";
import { hosts, products, productsOnClients, productsOnDepots } from "../families.ts";
import { legacyMethods } from "./legacy-methods.ts";

type ProductType = "LocalbootProduct" | "NetbootProduct";

/** Any other word means all types. */
function productType(given: unknown): ProductType | undefined {
  switch (typeof given === "string" ? given.toLowerCase() : given) {
    case "localboot":
      return "LocalbootProduct";
    case "netboot":
      return "NetbootProduct";
    default:
      return undefined;
  }
}

const typeFilter = (type: ProductType | undefined): Filter => (type === undefined ? {} : { productType: type });
const unique = (ids: readonly unknown[]): unknown[] => [...new Set(ids)];

async function onDepot({ objects }: Call, depotId: unknown, type?: ProductType): Promise<unknown[]> {
  const idents = await objects.readIdents(productsOnDepots, { depotId, ...typeFilter(type) });
  return unique(idents.map(({ productId }) => productId));
}

async function onClient(
  { objects }: Call,
  clientId: unknown,
  type: ProductType | undefined,
  installationStatus: unknown,
): Promise<unknown[]> {
  const filter = { clientId, ...typeFilter(type), installationStatus: filterValues(installationStatus) };
  const idents = await objects.readIdents(productsOnClients, filter);
  return unique(idents.map(({ productId }) => productId));
}

/** Products of a depot, of a client, or all that there are. @throws BackendMissingDataError */
async function ofObject(call: Call, type: ProductType | undefined, objectId: unknown, status: unknown) {
  if (!objectId) {
    const idents = await call.objects.read(products, ["type"], type === undefined ? {} : { type });
    return unique(idents.map(({ id }) => id));
  }
  const id = rule.hostId.coerce(objectId);
  const [host] = await call.objects.read(hosts, ["type"], { id });
  if (!host) throw new OpsiError("BackendMissingDataError", `Host '${id}' not found`, { field: "objectId" });
  return host.type === "OpsiClient" ? onClient(call, id, type, status) : onDepot(call, id, type);
}

const kinds: readonly [infix: string, type: ProductType | undefined, word: string][] = [
  ["", undefined, "Products"],
  ["LocalBoot", "LocalbootProduct", "Localboot products"],
  ["NetBoot", "NetbootProduct", "Netboot products"],
];

/** Lists of product ids: the same questions for all products, localboot and netboot products. (methods 16.3) */
export const productListMethods = [
  ...legacyMethods({
    getProductIds_list: {
      signature: "productType=None objectId=None installationStatus=None",
      doc: "Products of a client or depot, or all.",
      alternative: "product_getIdents",
      run: (call, type, objectId, status) => ofObject(call, productType(type), objectId, status),
    },
  }),
  ...kinds.flatMap(([infix, type, word]) =>
    legacyMethods({
      ...(type === undefined
        ? {}
        : {
            [`get${infix}ProductIds_list`]: {
              signature: "objectId=None installationStatus=None",
              doc: `${word} of a client or depot, or all.`,
              alternative: "product_getIdents",
              run: (call: Call, objectId: unknown, status: unknown) => ofObject(call, type, objectId, status),
            },
            [`getProvided${infix}ProductIds_list`]: {
              signature: "depotId",
              doc: `${word} of a depot.`,
              alternative: infix === "LocalBoot" ? "productOnClient_getIdents" : "productOnDepot_getIdents",
              run: (call: Call, depotId: unknown) => onDepot(call, rule.hostId.coerce(depotId), type),
            },
          }),
      [`getInstallable${infix}ProductIds_list`]: {
        signature: "clientId",
        doc: `${word} of the depot of a client.`,
        alternative: "productOnDepot_getIdents",
        run: async (call, clientId) => onDepot(call, await depotOfClient(call, rule.hostId.coerce(clientId)), type),
      },
      [`getInstalled${infix}ProductIds_list`]: {
        signature: "objectId",
        doc: `${word} that are installed on a client.`,
        alternative: "productOnClient_getIdents",
        run: (call, objectId) => onClient(call, rule.hostId.coerce(objectId), type, "installed"),
      },
    }),
  ),
];
