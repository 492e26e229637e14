import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingGroup, existingMembers, groupType, groupTypeOption, membership } from "../group/group-type.ts";
import { nameList } from "../selection/name-list.ts";

export default command({
  name: "group create",
  doc: "Create a group of hosts or products.",
  examples: [
    "opsi group create floor2 --description 'Second floor' --members pc1.example.org,pc2.example.org",
    "opsi group create office --type product --parent standard",
  ],
  options: {
    ...groupTypeOption,
    parent: { flags: "--parent <name>", doc: "group that it is part of" },
    description: { flags: "--description <text>", doc: "what it is for" },
    notes: { flags: "--notes <text>", doc: "more about it" },
    members: { flags: "--members <ids>", doc: "what belongs to it", parse: nameList },
  },
  arguments: { name: { flags: "<name>", doc: "of the new group" } },
  async run(context, { name, type: typed, parent, description = "", notes = "", members = [] }) {
    const type = groupType(typed);
    const existing = await context.call<{ id: string }[]>("group_getObjects", [["id"], { type }]);
    if (existing.some(({ id }) => id.toLowerCase() === name.toLowerCase())) {
      throw new OpsiError("BackendBadValueError", `There is a ${type} '${name}' already`);
    }
    const parentGroupId = parent === undefined ? null : await existingGroup(context, type, parent);
    const ids = await existingMembers(context, type, members);
    if (!context.mayChange(`create the ${type} ${name}`)) return undefined;
    const group = { type, id: name, description, notes, parentGroupId };
    await context.call("group_createObjects", [[group]]);
    if (ids.length > 0) await context.call("objectToGroup_createObjects", [ids.map(membership(type, name))]);
    return rows([{ ...group, members: ids.length }], ["id", "type", "parentGroupId", "description", "members"]);
  },
});
