import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";

export default command({
  name: "user set-groups",
  doc: "Put a user of the server into these groups and no others.",
  examples: ["opsi user set-groups anna opsiadmin opsifileadmins", "opsi user set-groups anna"],
  arguments: {
    name: { flags: "<name>", doc: "with which the user logs in" },
    groups: { flags: "[groups...]", doc: "all groups of the user" },
  },
  async run(context, { name, groups }) {
    const what = `put ${name} into ${groups.length === 0 ? "no group" : groups.join(", ")}`;
    if (!context.mayChange(what)) return undefined;
    await context.call("user_setLocalGroups", [name, groups]);
    return rows([{ name, groups }], ["name", "groups"]);
  },
});
