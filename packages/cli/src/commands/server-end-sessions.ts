import { OpsiError } from "@opsi-ts/model";
import { administration } from "../administration/administration.ts";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher } from "../selection/name-list.ts";

export default command({
  name: "server end-sessions",
  doc: "Log out whoever is logged in to the service from these addresses.",
  details: "Whoever knows a password logs in again; opsi server sessions shows the addresses.",
  examples: ["opsi server end-sessions 10.1.2.3", "opsi server end-sessions '10.1.*' --dry-run"],
  arguments: { addresses: { flags: "<addresses...>", doc: "addresses, * is a wildcard" } },
  async run(context, { addresses }) {
    const fits = matcher(addresses);
    const sessions = await administration<{ readonly address: string }[]>(context, "session-list");
    const found = [...new Set(sessions.map(({ address }) => address))].filter(fits);
    if (found.length === 0) throw new OpsiError("BackendMissingDataError", `No session from '${addresses.join(", ")}'`);
    if (!context.mayChange(`end the sessions from ${found.join(", ")}`)) return undefined;
    const ended: { address: string; sessions: number }[] = [];
    for (const address of found) {
      // where it was our own that ended, the next call logs in again
      const body = { client_addr: address };
      const { sessions: gone } = await administration<{ sessions: string[] }>(context, "delete-client-sessions", body);
      ended.push({ address, sessions: gone.length });
    }
    return rows(ended, ["address", "sessions"]);
  },
});
