import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { groupType, groupTypeOption } from "../group/group-type.ts";
import { groupMembers } from "../selection/groups.ts";

export default command({
  name: "group members",
  doc: "List what is in groups and in the groups below them.",
  examples: ["opsi group members floor2", "opsi group members office --type product --output lines"],
  options: groupTypeOption,
  arguments: { names: { flags: "<names...>", doc: "groups" } },
  async run(context, { names, type }) {
    const ids = [...(await groupMembers(context, groupType(type), names))].sort();
    return rows(
      ids.map((id) => ({ id })),
      ["id"],
    );
  },
});
