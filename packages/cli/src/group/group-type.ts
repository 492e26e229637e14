import { OpsiError } from "@opsi-ts/model";
import type { Context } from "../context.ts";

export type GroupType = "HostGroup" | "ProductGroup";

/** Groups of hosts and groups of products may have the same names. */
export const groupTypeOption = {
  type: { flags: "--type <type>", doc: "of what", choices: ["host", "product"], fallback: "host" },
} as const;

export const groupType = (type: "host" | "product"): GroupType => (type === "host" ? "HostGroup" : "ProductGroup");

/** The id of a group as it is written, whatever was typed. @throws OpsiError BackendMissingDataError */
export async function existingGroup({ call }: Pick<Context, "call">, type: GroupType, typed: string): Promise<string> {
  const groups = await call<{ id: string }[]>("group_getObjects", [["id"], { type }]);
  const found = groups.find(({ id }) => id.toLowerCase() === typed.toLowerCase());
  if (found === undefined) throw new OpsiError("BackendMissingDataError", `There is no ${type} '${typed}'`);
  return found.id;
}

/** Ids of what can be a member. @throws OpsiError BackendMissingDataError naming one that does not exist */
export async function existingMembers(
  { call }: Pick<Context, "call">,
  type: GroupType,
  typed: readonly string[],
): Promise<string[]> {
  const method = type === "HostGroup" ? "host_getObjects" : "product_getObjects";
  const known = new Set((await call<{ id: string }[]>(method, [["id"], {}])).map(({ id }) => id));
  const wanted = typed.map((id) => id.toLowerCase());
  const missing = wanted.find((id) => !known.has(id));
  if (missing === undefined) return wanted;
  throw new OpsiError(
    "BackendMissingDataError",
    `There is no ${type === "HostGroup" ? "host" : "product"} '${missing}'`,
  );
}

export const membership = (groupType: GroupType, groupId: string) => (objectId: string) => ({
  ...{ type: "ObjectToGroup", groupType, groupId, objectId },
});
