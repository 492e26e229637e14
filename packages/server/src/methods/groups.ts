import { OpsiError, rule } from "@opsi-ts/model";
import { isPlainText } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { groups, objectToGroups } from "./families.ts";

interface Tree {
  [groupId: string]: Tree;
}

/** All groups inside their parents. (methods 16) */
async function groupTree({ objects }: Call): Promise<Tree> {
  const found = await objects.read(groups, ["parentGroupId"]);
  const trees = new Map<string, Tree>(found.map(({ id }) => [String(id), Object.create(null) as Tree]));
  const root: Tree = Object.create(null) as Tree;
  const parents = new Map(found.map(({ id, parentGroupId }) => [String(id), parentGroupId as string | null]));
  for (const [id, tree] of trees) {
    const parent = parents.get(id);
    if (!leadsToRoot(id, parents)) throw new OpsiError("BackendUnaccomplishableError", "Error in host groups");
    const branch = parent ? trees.get(parent) : root;
    if (branch) branch[id] = tree;
  }
  return root;
}

/** False where a parent is missing or the parents go in a circle. */
function leadsToRoot(id: string, parents: ReadonlyMap<string, string | null>): boolean {
  const seen = new Set<string>();
  for (let current: string | null | undefined = id; current; current = parents.get(current)) {
    if (seen.has(current) || !parents.has(current)) return false;
    seen.add(current);
  }
  return true;
}

/** Gives a host group another id: sub groups and members move along, or nothing changes. (objects 6.8) */
async function renameGroup({ objects: all }: Call, oldId: unknown, givenNewId: unknown): Promise<null> {
  const newId = rule.groupId.coerce(givenNewId);
  await all.transaction(async (objects) => {
    if ((await objects.readIdents(groups, { id: newId })).length > 0) {
      throw new OpsiError("ValueError", `Group '${newId}' already exists`, { field: "newGroupId" });
    }
    const [group] = isPlainText(oldId) ? await objects.read(groups, [], { id: oldId }) : [];
    if (!group) throw new OpsiError("BackendMissingDataError", `Group '${oldId}' not found`, { field: "oldGroupId" });
    const children = await objects.read(groups, [], { parentGroupId: oldId });
    const members = await objects.read(objectToGroups, [], { groupType: "HostGroup", groupId: oldId });
    const moved = children.map((child) => ({ ...child, parentGroupId: newId }));
    await objects.write(groups, [{ ...group, type: "HostGroup", id: newId }, ...moved], "insert", "createObjects");
    const memberships = members.map((member) => ({ ...member, groupId: newId }));
    await objects.write(objectToGroups, memberships, "insert", "createObjects");
    await objects.remove(groups, [group]);
  });
  return null;
}

export const groupMethods: readonly Method[] = [
  {
    name: "getHostGroupTree_hash",
    doc: "All groups inside their parents.",
    parameters: parameters(""),
    result: "dict",
    access: "objects",
    deprecated: true,
    run: groupTree,
  },
  {
    name: "getGroupIds_list",
    doc: "Ids of all groups.",
    parameters: parameters(""),
    result: "list[str]",
    access: "objects",
    deprecated: true,
    alternative: "group_getIdents",
    run: async ({ objects }) => (await objects.readIdents(groups, {})).map(({ id }) => id),
  },
  {
    name: "groupname_exists",
    doc: "Whether there is a group with this id.",
    parameters: parameters("groupId"),
    result: "bool",
    access: "objects",
    deprecated: true,
    run: async ({ objects }, groupId) => (await objects.readIdents(groups, { id: groupId })).length > 0,
  },
  {
    name: "group_rename",
    doc: "Gives a host group another id.",
    parameters: parameters("oldGroupId newGroupId"),
    access: "objects",
    deprecated: true,
    run: renameGroup,
  },
];
