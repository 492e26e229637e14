import { BoolConfig, type Family, familyOf, fromHash, type OpsiObject, UnicodeConfig } from "@opsi-ts/model";
import type { ObjectStore } from "../backends/storage.ts";
import {
  defaultsBelow,
  defaultsOf,
  keepsUsersApart,
  type PrivilegeSource,
  privilegeTable,
  rolePrefix,
  userPrefix,
} from "./privileges.ts";

const [configs, hosts, groups] = [familyOf("config"), familyOf("host"), familyOf("group")];

const rolesConfigId = "opsi.roles";

/**
 * Writes the configs that say what an administrator may do, where the site keeps users apart. Whoever is in a group
 * that is a role gets the values of the role.
 *
 * @see methods 5.2, service 3.8
 */
export async function refreshUserConfigs(
  store: ObjectStore,
  username: string,
  userGroups: ReadonlySet<string>,
): Promise<void> {
  if (!(await keepsUsersApart(store))) return;
  const prefix = userPrefix(username);
  const named = (await defaultsOf(store, [rolesConfigId])).get(rolesConfigId) ?? [];
  const roles = new Set(named.map((role) => String(role).toLowerCase()));
  const role = [...userGroups].find((group) => roles.has(group)) ?? null;
  const possible = await possibleValues(store);
  const own = { prefix, role: role ?? "" };
  if (role === null) {
    const values = withoutEmpty(await defaultsBelow(store, prefix));
    await store.write(configs, userConfigs({ ...own, values }, possible), "merge");
    return;
  }
  const ofRole = rolePrefix(role);
  const values = withoutEmpty(await defaultsBelow(store, ofRole));
  const written = [
    ...userConfigs({ prefix: ofRole, role: "", values }, possible),
    ...userConfigs({ ...own, values }, possible),
  ];
  await store.write(configs, written, "merge");
}

const withoutEmpty = (values: ReadonlyMap<string, readonly unknown[]>) =>
  new Map([...values].filter(([, list]) => list.length > 0));

type Possible = Readonly<Record<PrivilegeSource | "roles", readonly string[]>>;

/** What there is to choose from: depots, groups, roles. */
async function possibleValues(store: ObjectStore): Promise<Possible> {
  const ids = async (of: Family, type: string | readonly string[]) =>
    (await store.readIdents(of, { filter: { type } })).map(({ id }) => String(id));
  const ofRoles = await store.readIdents(configs, { filter: { id: "user.role.{*" } });
  const roles = ofRoles.map(({ id }) => /^user\.role\.\{(.*?)\}/.exec(String(id))?.[1] ?? "");
  return {
    depots: await ids(hosts, ["OpsiConfigserver", "OpsiDepotserver"]),
    hostGroups: await ids(groups, "HostGroup"),
    productGroups: await ids(groups, "ProductGroup"),
    roles: [...new Set(roles)].filter(Boolean),
  };
}

interface Subject {
  readonly prefix: string;
  readonly role: string;
  /** By suffix; what has none gets the default. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
}

function userConfigs({ prefix, role, values }: Subject, possible: Possible): OpsiObject[] {
  const now = new Date().toISOString().slice(0, 19).replace("T", " ");
  const single = (suffix: string, value: string, choices: readonly string[], editable: boolean) =>
    unicodeConfig(prefix + suffix, [value], choices, { editable, multiValue: false });
  return [
    single("has_role", role, role === "" ? [] : possible.roles, false),
    single("modified", now, [], true),
    ...Object.values(privilegeTable).map((entry) => {
      const id = prefix + entry.suffix;
      const given = values.get(entry.suffix);
      if ("initial" in entry) {
        const [value = entry.initial] = given ?? [];
        return fromHash(BoolConfig, { id, defaultValues: [value] });
      }
      return unicodeConfig(id, given ?? [], possible[entry.source], { editable: false, multiValue: true });
    }),
  ];
}

/** A value that is no more there to choose from, e.g. a group that was deleted, stays. */
function unicodeConfig(
  id: string,
  values: readonly unknown[],
  choices: readonly string[],
  options: { readonly editable: boolean; readonly multiValue: boolean },
): OpsiObject {
  const possible = [...new Set([...choices, ...values])];
  return fromHash(UnicodeConfig, { id, possibleValues: possible, defaultValues: values, ...options });
}
