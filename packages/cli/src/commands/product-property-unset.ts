import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingHosts } from "../config/config-values.ts";
import { productArgument } from "../property/product-properties.ts";
import { nameList } from "../selection/name-list.ts";
import { UsageError } from "../usage-error.ts";

interface State extends Record<string, unknown> {
  readonly objectId: string;
}

export default command({
  name: "product-property unset",
  doc: "Remove the own value of clients or depots, so that the depot's applies again.",
  examples: ["opsi product-property unset firefox language --object pc1.example.org"],
  options: { object: { flags: "--object <ids>", doc: "clients or depots, * is a wildcard", parse: nameList } },
  arguments: { ...productArgument, id: { flags: "<property>", doc: "name of the property" } },
  async run(context, { product: productId, id: propertyId, object }) {
    if (object === undefined) throw new UsageError("Whose value? Give --object");
    const objectId = await existingHosts(context, object);
    const filter = { productId, propertyId, objectId };
    const states = await context.call<State[]>("productPropertyState_getObjects", [[], filter]);
    if (states.length === 0) {
      throw new OpsiError("BackendMissingDataError", `None of them has an own value of '${propertyId}'`);
    }
    const many = states.length > 1 && !context.dryRun;
    if (many && !(await context.confirm(`Remove ${propertyId} of ${states.length} hosts?`))) return undefined;
    const whose = states.map((state) => state.objectId).join(", ");
    if (!context.mayChange(`remove ${propertyId} of ${productId} for ${whose}`)) return undefined;
    await context.call("productPropertyState_deleteObjects", [states]);
    return rows(states, ["objectId", "productId", "propertyId"]);
  },
});
