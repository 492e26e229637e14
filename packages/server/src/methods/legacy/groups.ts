import { forceList, fromHash, HostGroup, ObjectToGroup, rule } from "@opsi-ts/model";
import { groups, objectToGroups } from "../families.ts";
import { deleteMatching } from "../objects.ts";
import { legacyMethods } from "./legacy-methods.ts";

/** (methods 16.2) */
export const legacyGroupMethods = legacyMethods({
  createGroup: {
    signature: "groupId members=None description='' parentGroupId=''",
    doc: "Creates a host group with members.",
    alternative: "group_create",
    run: async ({ objects: all }, groupId, members, description, parentGroupId) => {
      const group = fromHash(HostGroup, { id: groupId, description, parentGroupId: parentGroupId || null });
      const memberships = forceList(members ?? []).map((objectId) =>
        fromHash(ObjectToGroup, { groupType: "HostGroup", groupId, objectId }),
      );
      await all.transaction(async (objects) => {
        await objects.write(groups, [group], "insert", "createObjects");
        if (memberships.length > 0) await objects.write(objectToGroups, memberships, "insert", "createObjects");
      });
      return null;
    },
  },
  deleteGroup: {
    signature: "groupId",
    doc: "Deletes a group.",
    alternative: "group_delete",
    run: async ({ objects }, groupId) => {
      await deleteMatching(objects, groups, { id: rule.groupId.coerce(groupId) });
      return null;
    },
  },
});
