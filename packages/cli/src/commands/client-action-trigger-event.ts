import { command } from "../command.ts";
import { type HostResults, hostResults } from "../host-control/host-results.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";

export default command({
  name: "client-action trigger-event",
  doc: "Make the agents of clients process an event now.",
  details: "With on_demand a client connects to the service and works off its requests.",
  examples: [
    "opsi client-action trigger-event --clients pc1.example.org",
    "opsi client-action trigger-event --groups floor2 --event on_demand --output json",
  ],
  options: {
    ...clientSelection,
    event: { flags: "--event <name>", doc: "name of the event in the agent's configuration", fallback: "on_demand" },
  },
  async run(context, { event, ...selection }) {
    const clients = await selectClients(context, selection);
    const results = await context.change<HostResults>(
      `trigger ${event} on ${clients.join(", ")}`,
      "hostControlSafe_fireEvent",
      [event, clients],
    );
    return results === null ? undefined : hostResults(results);
  },
});
