import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { selectDepots } from "../selection/clients.ts";
import { matcher, nameList } from "../selection/name-list.ts";

interface ProductOnDepot extends Record<string, unknown> {
  readonly productId: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  readonly depotId: string;
}

interface Product extends Record<string, unknown> {
  readonly id: string;
  readonly productVersion: string;
  readonly packageVersion: string;
}

export default command({
  name: "package list",
  doc: "List the products that are installed on depots.",
  examples: ["opsi package list", "opsi package list 'office-*' --depots depot1.example.org --output csv"],
  options: {
    depots: { flags: "--depots <ids>", doc: "depots, * as wildcard; default: all", parse: nameList },
  },
  arguments: { ids: { flags: "[ids...]", doc: "product ids, * is a wildcard" } },
  async run(context, { ids, depots }) {
    const chosen = await selectDepots(context, depots ?? ["all"]);
    const onDepots = await context.call<ProductOnDepot[]>("productOnDepot_getObjects", [
      [],
      { depotId: chosen.map(({ id }) => id) },
    ]);
    const products = await context.call<Product[]>("product_getObjects", [[], {}]);
    const known = new Map(products.map((product) => [versionKey(product.id, product), product]));
    const fits = matcher(ids.length === 0 ? ["*"] : ids);
    const list = onDepots
      .filter(({ productId }) => fits(productId))
      .map((entry) => {
        const product = known.get(versionKey(entry.productId, entry));
        return {
          depotId: entry.depotId,
          productId: entry.productId,
          name: product?.["name"] ?? null,
          description: product?.["description"] ?? null,
          version: `${entry.productVersion}-${entry.packageVersion}`,
          productVersion: entry.productVersion,
          packageVersion: entry.packageVersion,
          type: entry["productType"],
          locked: entry["locked"] === true,
        };
      })
      .sort((a, b) => compare(a.depotId, b.depotId) || compare(a.productId, b.productId));
    return rows(list, ["depotId", "productId", "version", "name", "locked"]);
  },
});

function versionKey(id: string, { productVersion, packageVersion }: ProductOnDepot | Product): string {
  return `${id};${productVersion};${packageVersion}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
