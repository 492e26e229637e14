import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { matcher } from "../selection/name-list.ts";

interface Group extends Record<string, unknown> {
  readonly id: string;
  readonly type: string;
}

export default command({
  name: "group list",
  doc: "List groups of hosts and of products.",
  examples: ["opsi group list", "opsi group list 'floor*' --output json"],
  arguments: { names: { flags: "[names...]", doc: "groups, * is a wildcard; default: all" } },
  async run({ call }, { names }) {
    const fits = matcher(names.length === 0 ? ["*"] : names);
    const groups = (await call<Group[]>("group_getObjects", [[], {}])).filter(({ id }) => fits(id));
    const members = await call<{ groupType: string; groupId: string }[]>("objectToGroup_getObjects", [[], {}]);
    const counts = Map.groupBy(members, ({ groupType, groupId }) => `${groupType};${groupId}`);
    const list = groups
      .map((group) => ({ ...group, members: counts.get(`${group.type};${group.id}`)?.length ?? 0 }))
      .sort((a, b) => (`${a.type};${a.id}` < `${b.type};${b.id}` ? -1 : 1));
    return rows(list, ["id", "type", "parentGroupId", "description", "members"]);
  },
});
