import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingHosts, typedValues } from "../config/config-values.ts";
import { productArgument, productProperties } from "../property/product-properties.ts";
import { nameList } from "../selection/name-list.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "product-property set",
  doc: "Set a property of a product for clients or depots.",
  details:
    "The value of a depot counts for all clients that it serves and that have no own. Several values are given one after the other.",
  examples: [
    "opsi product-property set firefox autoupdate off --object depot1.example.org",
    "opsi product-property set firefox language de --object 'pc1*' --yes",
  ],
  options: { object: { flags: "--object <ids>", doc: "clients or depots, * is a wildcard", parse: nameList } },
  arguments: {
    ...productArgument,
    id: { flags: "<property>", doc: "name of the property" },
    values: { flags: "<values...>", doc: "its new value, or several" },
  },
  async run(context, { product: productId, id, values: words, object }) {
    if (object === undefined) throw new UsageError("Whose value? Give --object");
    const propertyId = id.toLowerCase();
    const properties = await productProperties(context, productId, ["*"]);
    const property = properties.findLast((one) => one.propertyId === propertyId);
    if (property === undefined) {
      throw new OpsiError("BackendMissingDataError", `The product '${productId}' has no property '${propertyId}'`);
    }
    const values = typedValues(propertyId, property, words);
    const objects = await existingHosts(context, object);
    const many = objects.length > 1 && !context.dryRun;
    if (many && !(await context.confirm(`Set ${propertyId} of ${productId} for ${objects.length} hosts?`)))
      return undefined;
    if (!context.mayChange(`set ${propertyId} of ${productId} for ${objects.join(", ")} to ${values.join(", ")}`)) {
      return undefined;
    }
    const states = objects.map((objectId) => ({
      ...{ type: "ProductPropertyState", productId, propertyId, objectId, values },
    }));
    await context.call("productPropertyState_createObjects", [states]);
    return rows(states, ["objectId", "propertyId", "values"]);
  },
});
