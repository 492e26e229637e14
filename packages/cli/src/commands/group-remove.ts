import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingGroup, groupType, groupTypeOption, membership } from "../group/group-type.ts";
import { matcher } from "../selection/name-list.ts";

export default command({
  name: "group remove",
  doc: "Take hosts or products out of a group.",
  examples: ["opsi group remove floor2 pc1.example.org", "opsi group remove office 'old-*' --type product"],
  options: groupTypeOption,
  arguments: {
    name: { flags: "<name>", doc: "the group" },
    ids: { flags: "<ids...>", doc: "members, * is a wildcard" },
  },
  async run(context, { name, ids, type: typed }) {
    const type = groupType(typed);
    const groupId = await existingGroup(context, type, name);
    const filter = { groupType: type, groupId };
    const members = await context.call<{ objectId: string }[]>("objectToGroup_getObjects", [[], filter]);
    const removed = members.map(({ objectId }) => objectId).filter(matcher(ids));
    const missing = ids.find((id) => !removed.some(matcher([id])));
    if (missing !== undefined) throw new OpsiError("BackendMissingDataError", `'${missing}' is not in ${groupId}`);
    if (!context.mayChange(`take ${removed.join(", ")} out of ${groupId}`)) return undefined;
    const gone = removed.map(membership(type, groupId));
    await context.call("objectToGroup_deleteObjects", [gone]);
    return rows(gone, ["groupId", "objectId"]);
  },
});
