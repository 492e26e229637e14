import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { selectDepots } from "../selection/clients.ts";

export default command({
  name: "server status",
  doc: "Show which service answers, as whom it knows you, and how large the site is.",
  details: "opsi health-check says whether everything is in order.",
  examples: ["opsi server status", "opsi server status --output json"],
  async run(context) {
    const { call } = context;
    const { origin, serverName, serverVersion, clockOffsetMilliseconds } = await context.service();
    const depots = await selectDepots(context, ["all"]);
    const clients = await call<string[]>("host_getIdents", ["str", { type: "OpsiClient" }]);
    const connected = await call<string[]>("host_getMessagebusConnectedIds");
    const facts: [name: string, value: unknown][] = [
      ["address", origin],
      ["server", serverName],
      ["version", serverVersion],
      ["configServer", depots.find(({ type }) => type === "OpsiConfigserver")?.id ?? null],
      ["administrator", await call<boolean>("accessControl_userIsAdmin")],
      ["secondsAhead", clockOffsetMilliseconds === null ? null : Math.round(clockOffsetMilliseconds / 1000)],
      ["depots", depots.length],
      ["clients", clients.length],
      ["connected", connected.length],
    ];
    return rows(
      facts.map(([name, value]) => ({ name, value })),
      ["name", "value"],
    );
  },
});
