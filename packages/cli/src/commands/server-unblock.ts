import { OpsiError } from "@opsi-ts/model";
import { administration } from "../administration/administration.ts";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher } from "../selection/name-list.ts";

export default command({
  name: "server unblock",
  doc: "Let addresses log in again that failed too often.",
  details: "They are blocked for client-block-time seconds, see opsi server options. --dry-run shows which are.",
  examples: ["opsi server unblock 10.1.2.3", "opsi server unblock '*' --dry-run"],
  arguments: { addresses: { flags: "<addresses...>", doc: "addresses, * is a wildcard" } },
  async run(context, { addresses }) {
    const found = (await administration<string[]>(context, "blocked-clients")).filter(matcher(addresses));
    if (found.length === 0) throw new OpsiError("BackendMissingDataError", `'${addresses.join(", ")}' is not blocked`);
    if (!context.mayChange(`unblock ${found.join(", ")}`)) return undefined;
    for (const address of found) await administration(context, "unblock-client", { client_addr: address });
    return rows(
      found.map((address) => ({ address })),
      ["address"],
    );
  },
});
