import { command } from "../command.ts";
import { type HostResults, hostResults } from "../host-control/host-results.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";

export default command({
  name: "client-action shutdown",
  doc: "Shut clients down.",
  details: "More than one client is shut down only after a question or with --yes.",
  examples: ["opsi client-action shutdown --clients pc1.example.org", "opsi client-action shutdown --groups lab --yes"],
  options: clientSelection,
  async run(context, selection) {
    const clients = await selectClients(context, selection);
    if (clients.length > 1 && !(await context.confirm(`Shut down ${clients.length} clients?`))) return undefined;
    const what = `shut down ${clients.join(", ")}`;
    const results = await context.change<HostResults>(what, "hostControlSafe_shutdown", [clients]);
    return results === null ? undefined : hostResults(results);
  },
});
