import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { selectDepots } from "../selection/clients.ts";

export default command({
  name: "depot list",
  doc: "List the depots and how many clients they serve.",
  examples: ["opsi depot list", "opsi depot list 'depot1*' --attributes id,depotWebdavUrl,maxBandwidth"],
  arguments: { ids: { flags: "[ids...]", doc: "depots, * is a wildcard; default: all" } },
  async run(context, { ids }) {
    const depots = await selectDepots(context, ids.length === 0 ? ["all"] : ids);
    const pairs = await context.call<{ depotId: string }[]>("configState_getClientToDepotserver");
    const served = Map.groupBy(pairs, ({ depotId }) => depotId);
    const list = depots.map(({ opsiHostKey: _, ...depot }) => ({
      ...depot,
      clients: served.get(depot.id)?.length ?? 0,
    }));
    return rows(list, ["id", "type", "description", "isMasterDepot", "clients"]);
  },
});
