import { rows } from "../answer/answer.ts";
import { clientAttributes, givenAttributes } from "../client/client-attributes.ts";
import { command } from "../command.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "client set",
  doc: "Change what is said of clients: description, notes, addresses.",
  examples: [
    "opsi client set --clients pc1.example.org --description 'Reception, left' --mac 00:11:22:33:44:55",
    "opsi client set --groups floor2 --notes '' --yes",
  ],
  options: { ...clientSelection, ...clientAttributes },
  async run(context, { description, notes, hardwareAddress, ipAddress, inventoryNumber, ...selection }) {
    const ids = await selectClients(context, selection);
    const attributes = { description, notes, hardwareAddress, ipAddress, inventoryNumber };
    const given = givenAttributes(attributes, ids.length);
    if (Object.keys(given).length === 0) throw new UsageError("What is to change? Give --description, --notes, ...");
    if (ids.length > 1 && !context.dryRun && !(await context.confirm(`Change ${ids.length} clients?`)))
      return undefined;
    if (!context.mayChange(`set ${Object.keys(given).join(", ")} of ${ids.join(", ")}`)) return undefined;
    const objects = ids.map((id) => ({ type: "OpsiClient", id, ...given }));
    await context.call("host_updateObjects", [objects]);
    return rows(
      ids.map((id) => ({ id, ...given })),
      ["id", ...Object.keys(given)],
    );
  },
});
