import { OpsiError } from "@opsi-ts/model";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { existingGroup, groupType, groupTypeOption } from "../group/group-type.ts";

export default command({
  name: "group delete",
  doc: "Delete groups; what is in them stays.",
  examples: ["opsi group delete floor2", "opsi group delete office standard --type product --yes"],
  options: groupTypeOption,
  arguments: { names: { flags: "<names...>", doc: "groups" } },
  async run(context, { names, type: typed }) {
    const type = groupType(typed);
    const groups: { type: string; id: string }[] = [];
    for (const name of names) groups.push({ type, id: await existingGroup(context, type, name) });
    // A group is deleted by its id alone, whatever its type. (objects §2.14)
    const sameId = await context.call<{ type: string; id: string }[]>("group_getObjects", [
      ["id"],
      { id: groups.map(({ id }) => id) },
    ]);
    const other = sameId.find((group) => group.type !== type);
    if (other !== undefined) {
      const text = `There is a ${other.type} '${other.id}', too: the service would delete both`;
      throw new OpsiError("BackendUnaccomplishableError", text);
    }
    const ids = groups.map(({ id }) => id).join(", ");
    if (groups.length > 1 && !context.dryRun && !(await context.confirm(`Delete ${ids}?`))) return undefined;
    if (!context.mayChange(`delete ${ids}`)) return undefined;
    await context.call("group_deleteObjects", [groups]);
    return rows(groups, ["id", "type"]);
  },
});
