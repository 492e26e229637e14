import { command } from "../command.ts";
import { type HostResults, hostResults } from "../host-control/host-results.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";

export default command({
  name: "client-action wakeup",
  doc: "Switch clients on over the network (Wake on LAN).",
  details: "Needs the clients' MAC addresses. That a packet was sent does not mean that anybody woke up.",
  examples: ["opsi client-action wakeup --groups floor2"],
  options: clientSelection,
  async run(context, selection) {
    const clients = await selectClients(context, selection);
    const what = `wake ${clients.join(", ")}`;
    const results = await context.change<HostResults>(what, "hostControlSafe_start", [clients]);
    return results === null ? undefined : hostResults(results);
  },
});
