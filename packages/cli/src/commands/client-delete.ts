import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "client delete",
  doc: "Delete clients with all that is known about them.",
  details: "More than one client is deleted only after a question or with --yes.",
  examples: [
    "opsi client delete pc1.example.org",
    "opsi client delete 'test-*.example.org' --dry-run",
    "opsi client delete --groups retired --yes",
  ],
  options: clientSelection,
  arguments: { ids: { flags: "[ids...]", doc: "client ids, with * as wildcard" } },
  async run(context, { ids, ...selection }) {
    const patterns = [...ids, ...(selection.clients ?? [])];
    const { groups, depots } = selection;
    if (patterns.length === 0 && groups === undefined && depots === undefined) {
      throw new UsageError("Which clients? Give their ids, --groups or --depots");
    }
    // Explicit ids only: an empty list means "all" to host_delete. (objects §3.4)
    const doomed = await selectClients(context, {
      ...selection,
      clients: patterns.length === 0 ? undefined : patterns,
    });
    if (doomed.length > 1 && !context.dryRun) {
      const some = doomed.slice(0, 10).join(", ") + (doomed.length > 10 ? ", ..." : "");
      if (!(await context.confirm(`Delete ${doomed.length} clients (${some})?`))) {
        context.say("Nothing was deleted.");
        return undefined;
      }
    }
    if (!context.mayChange(`delete ${doomed.join(", ")}`)) return undefined;
    for (let start = 0; start < doomed.length; start += 500) {
      await context.call("host_delete", [doomed.slice(start, start + 500)]);
    }
    return rows(
      doomed.map((id) => ({ id, deleted: true })),
      ["id", "deleted"],
    );
  },
});
