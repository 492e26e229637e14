import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingHosts } from "../config/config-values.ts";
import { productArgument, productProperties, versionOf } from "../property/product-properties.ts";
import { nameList } from "../selection/name-list.ts";

type Values = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown[]>>>>>>;

interface State {
  readonly objectId: string;
  readonly propertyId: string;
}

export default command({
  name: "product-property get",
  doc: "Show properties of a product, for all or for clients and depots.",
  details:
    "Without --object the properties of all versions and their defaults. With it the values that count there: its own, " +
    "else those of its depot; the column source says which.",
  examples: [
    "opsi product-property get firefox",
    "opsi product-property get firefox 'auto*' --object pc1.example.org,depot1.example.org",
  ],
  options: { object: { flags: "--object <ids>", doc: "clients or depots, * is a wildcard", parse: nameList } },
  arguments: { ...productArgument, ids: { flags: "[ids...]", doc: "properties, * is a wildcard" } },
  async run(context, { product: productId, ids, object }) {
    const properties = await productProperties(context, productId, ids.length === 0 ? ["*"] : ids);
    if (object === undefined) {
      const list = properties.map((property) => ({ ...property, version: versionOf(property) }));
      return rows(list, ["propertyId", "version", "defaultValues", "possibleValues", "description"]);
    }
    const objects = await existingHosts(context, object);
    const names = [...new Set(properties.map(({ propertyId }) => propertyId))];
    const filter = { productId, propertyId: names, objectId: objects };
    const values = await context.call<Values>("productPropertyState_getValues", [[productId], names, objects, true]);
    const own = await context.call<State[]>("productPropertyState_getObjects", [[], filter]);
    const isOwn = new Set(own.map(({ objectId, propertyId }) => `${objectId};${propertyId}`));
    const list = objects.flatMap((objectId) =>
      names.map((propertyId) => ({
        objectId,
        propertyId,
        values: values[objectId]?.[productId]?.[propertyId] ?? [],
        source: isOwn.has(`${objectId};${propertyId}`) ? "own" : "inherited",
      })),
    );
    return rows(list, ["objectId", "propertyId", "values", "source"]);
  },
});
