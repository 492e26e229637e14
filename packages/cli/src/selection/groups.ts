import { OpsiError } from "@opsi-ts/model";
import type { Context } from "../context.ts";

interface Group {
  readonly id: string;
  readonly parentGroupId: string | null;
}

/**
 * Ids of the members of groups and of all groups below them.
 *
 * @throws OpsiError BackendMissingDataError naming a group that does not exist
 */
export async function groupMembers(
  { call }: Pick<Context, "call">,
  type: "HostGroup" | "ProductGroup",
  names: readonly string[],
): Promise<Set<string>> {
  const groups = await call<Group[]>("group_getObjects", [["id", "parentGroupId"], { type }]);
  const found = new Set<string>();
  const add = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    for (const group of groups) if (group.parentGroupId === id) add(group.id);
  };
  for (const name of names) {
    const group = groups.find(({ id }) => id.toLowerCase() === name.toLowerCase());
    if (group === undefined) throw new OpsiError("BackendMissingDataError", `There is no ${type} '${name}'`);
    add(group.id);
  }
  const members = await call<{ objectId: string }[]>("objectToGroup_getObjects", [
    ["objectId"],
    { groupType: type, groupId: [...found] },
  ]);
  return new Set(members.map(({ objectId }) => objectId));
}
