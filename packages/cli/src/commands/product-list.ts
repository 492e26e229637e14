import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher } from "../selection/name-list.ts";

interface Product extends Record<string, unknown> {
  readonly id: string;
  readonly type: string;
  readonly productVersion: string;
  readonly packageVersion: string;
}

interface ProductOnDepot {
  readonly productId: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  readonly depotId: string;
}

export default command({
  name: "product list",
  doc: "List the products that the site knows, each version with the depots that have it.",
  examples: ["opsi product list", "opsi product list 'office-*' --attributes id,version,priority,setupScript"],
  arguments: { ids: { flags: "[ids...]", doc: "product ids, * is a wildcard" } },
  async run({ call }, { ids }) {
    const fits = matcher(ids.length === 0 ? ["*"] : ids);
    const products = (await call<Product[]>("product_getObjects", [[], {}])).filter(({ id }) => fits(id));
    const onDepots = await call<ProductOnDepot[]>("productOnDepot_getObjects", [[], {}]);
    const depotsOf = Map.groupBy(onDepots, (entry) => key(entry.productId, entry));
    const list = products
      .map((product) => ({
        ...product,
        version: `${product.productVersion}-${product.packageVersion}`,
        depots: (depotsOf.get(key(product.id, product)) ?? []).map(({ depotId }) => depotId).sort(),
      }))
      .sort((a, b) => (`${a.id} ${a.version}` < `${b.id} ${b.version}` ? -1 : 1));
    return rows(list, ["id", "version", "type", "name", "depots"]);
  },
});

const key = (id: string, { productVersion, packageVersion }: Product | ProductOnDepot) =>
  `${id};${productVersion};${packageVersion}`;
