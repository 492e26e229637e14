import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";

interface Client extends Record<string, unknown> {
  readonly id: string;
}

export default command({
  name: "client list",
  doc: "List clients, optionally only some of them.",
  examples: [
    "opsi client list --clients 'pc-0*' --output json",
    "opsi client list --depots depot1.example.org --only-online",
    "opsi client list --attributes id,hardwareAddress,lastSeen --sort-by lastSeen",
  ],
  options: clientSelection,
  async run(context, selection) {
    const { clients, groups, depots } = selection;
    const everything = clients === undefined && groups === undefined && depots === undefined;
    const chosen = everything ? { ...selection, clients: ["all"] } : selection;
    const ids = new Set(await selectClients(context, chosen, { orNone: true }));
    const list = await context.call<Client[]>("host_getObjects", [[], { type: "OpsiClient" }]);
    const shown = list
      .filter(({ id }) => ids.has(id))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ opsiHostKey: _, oneTimePassword: __, ...rest }) => rest);
    return rows(shown, ["id", "description", "ipAddress", "lastSeen"]);
  },
});
