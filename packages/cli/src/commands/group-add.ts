import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingGroup, existingMembers, groupType, groupTypeOption, membership } from "../group/group-type.ts";

export default command({
  name: "group add",
  doc: "Put hosts or products into a group.",
  examples: ["opsi group add floor2 pc1.example.org pc2.example.org", "opsi group add office firefox --type product"],
  options: groupTypeOption,
  arguments: {
    name: { flags: "<name>", doc: "the group" },
    ids: { flags: "<ids...>", doc: "what is to belong to it" },
  },
  async run(context, { name, ids, type: typed }) {
    const type = groupType(typed);
    const groupId = await existingGroup(context, type, name);
    const members = await existingMembers(context, type, ids);
    if (!context.mayChange(`put ${members.join(", ")} into ${groupId}`)) return undefined;
    const added = members.map(membership(type, groupId));
    await context.call("objectToGroup_createObjects", [added]);
    return rows(added, ["groupId", "objectId"]);
  },
});
