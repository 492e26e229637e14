import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { selectDepots } from "../selection/clients.ts";
import { matcher, nameList } from "../selection/name-list.ts";

interface ProductOnDepot extends Record<string, unknown> {
  readonly productId: string;
  readonly depotId: string;
}

export default command({
  name: "package unlock",
  doc: "Unlock products that an installation left locked on depots.",
  details: "A product is locked while it is installed. Make sure that nobody is installing it just now.",
  examples: ["opsi package unlock firefox", "opsi package unlock 'office-*' --depots depot1.example.org --dry-run"],
  options: { depots: { flags: "--depots <ids>", doc: "depots, * as wildcard; default: all", parse: nameList } },
  arguments: { ids: { flags: "<ids...>", doc: "product ids, * is a wildcard" } },
  async run(context, { ids, depots }) {
    const depotId = (await selectDepots(context, depots ?? ["all"])).map(({ id }) => id);
    const locked = await context.call<ProductOnDepot[]>("productOnDepot_getObjects", [[], { depotId, locked: true }]);
    const found = locked.filter(({ productId }) => matcher(ids)(productId));
    if (found.length === 0) throw new OpsiError("BackendMissingDataError", `'${ids.join(", ")}' is not locked`);
    const names = found.map((one) => `${one.productId} on ${one.depotId}`).join(", ");
    if (!context.mayChange(`unlock ${names}`)) return undefined;
    await context.call("productOnDepot_updateObjects", [found.map((one) => ({ ...one, locked: false }))]);
    return rows(found, ["depotId", "productId"]);
  },
});
