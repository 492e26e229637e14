import { fromHash, LocalbootProduct, NetbootProduct, OpsiError, ProductOnDepot, rule } from "@opsi-ts/model";
import { filterValues } from "../arguments.ts";
import type { Call } from "../declare.ts";
import { products, productsOnDepots } from "../families.ts";
import { depotIds } from "./find-host.ts";
import { legacyMethods } from "./legacy-methods.ts";

const before =
  "productId name productVersion packageVersion licenseRequired=False setupScript='' uninstallScript='' " +
  "updateScript='' alwaysScript='' onceScript='' priority=0 description='' advice='' productClassNames=None";
const withTemplate = `${before} pxeConfigTemplate='' windowsSoftwareIds=None depotIds=None`;
const withoutTemplate = `${before} windowsSoftwareIds=None depotIds=None`;

/** Creates a product and puts it on depots, on all if none are named: what the original means to do. (methods 16.3) */
async function createProduct(call: Call, productType: unknown, names: string, values: unknown[]): Promise<null> {
  const given = new Map(names.split(" ").map((word, index) => [word.split("=")[0] ?? "", values[index] ?? null]));
  const type = rule.productType.coerce(productType) === "NetbootProduct" ? NetbootProduct : LocalbootProduct;
  const hash: Record<string, unknown> = Object.fromEntries(given);
  const product = fromHash(type, {
    ...hash,
    id: given.get("productId"),
    productClassIds: given.get("productClassNames"),
  });
  const chosen = filterValues(given.get("depotIds")).map(rule.hostId.coerce);
  const depots = await depotIds(call, chosen.length > 0 ? { id: chosen } : {});
  const unknown = chosen.filter((id) => !depots.includes(id));
  if (unknown.length > 0) throw new OpsiError("BackendMissingDataError", `Depot '${unknown[0]}' not found`);
  const { id: productId, productVersion, packageVersion } = product;
  const onDepots = depots.map((depotId) =>
    fromHash(ProductOnDepot, {
      productId,
      productType: type.name,
      productVersion,
      packageVersion,
      depotId,
      locked: false,
    }),
  );
  await call.objects.transaction(async (objects) => {
    await objects.write(products, [product], "insert", "createObjects");
    if (onDepots.length > 0) await objects.write(productsOnDepots, onDepots, "insert", "createObjects");
  });
  return null;
}

export const productCreationMethods = legacyMethods({
  createProduct: {
    signature: `productType ${withTemplate}`,
    doc: "Creates a product and puts it on depots.",
    alternative: "product_insertObject",
    run: (call, productType, ...values) => createProduct(call, productType, withTemplate, values),
  },
  createLocalBootProduct: {
    signature: withoutTemplate,
    doc: "Creates a localboot product and puts it on depots.",
    alternative: "product_insertObject",
    run: (call, ...values) => createProduct(call, "localboot", withoutTemplate, values),
  },
  createNetBootProduct: {
    signature: withTemplate,
    doc: "Creates a netboot product and puts it on depots.",
    alternative: "product_insertObject",
    run: (call, ...values) => createProduct(call, "netboot", withTemplate, values),
  },
});
