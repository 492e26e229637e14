import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";

export default command({
  name: "user delete",
  doc: "Delete users of the server.",
  details: "What the service remembers of their logins stays; opsi jsonrpc execute user_delete removes it.",
  examples: ["opsi user delete anna", "opsi user delete anna reporter --yes"],
  arguments: { names: { flags: "<names...>", doc: "users" } },
  async run(context, { names }) {
    if (!context.dryRun && !(await context.confirm(`Delete ${names.join(", ")}?`))) return undefined;
    if (!context.mayChange(`delete ${names.join(", ")}`)) return undefined;
    for (const name of names) await context.call("user_deleteLocalUser", [name]);
    return rows(
      names.map((name) => ({ name, deleted: true })),
      ["name", "deleted"],
    );
  },
});
