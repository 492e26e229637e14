import { BoolConfig, families, fromHash, type OpsiObject, UnicodeConfig } from "@opsi-ts/model";
import type { ObjectStore } from "../backends/storage.ts";
import {
  configsBelow,
  defaultValues,
  type PrivilegeSource,
  privilegeTable,
  registerConfigId,
  rolePrefix,
  userPrefix,
} from "./privileges.ts";

const family = (prefix: string) => {
  const found = families.find((one) => one.prefix === prefix);
  if (!found) throw new Error(`No object family with prefix ${prefix}`);
  return found;
};
const [configs, hosts, groups] = [family("config"), family("host"), family("group")];

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
  const prefix = userPrefix(username);
  const known = await configsBelow(store, prefix, [registerConfigId, rolesConfigId]);
  if (defaultValues(known.get(registerConfigId))[0] !== true) return;
  const roles = new Set(defaultValues(known.get(rolesConfigId)).map((role) => String(role).toLowerCase()));
  const role = [...userGroups].find((group) => roles.has(group)) ?? null;
  const possible = await possibleValues(store);
  const own = { prefix, role: role ?? "" };
  if (role === null) {
    await store.write(configs, userConfigs({ ...own, values: valuesBelow(prefix, known) }, possible), "merge");
    return;
  }
  const ofRole = rolePrefix(role);
  const roleConfigs = await configsBelow(store, ofRole, []);
  const values = valuesBelow(ofRole, roleConfigs);
  const written = [
    ...userConfigs({ prefix: ofRole, role: "", values }, possible),
    ...userConfigs({ ...own, values }, possible),
  ];
  await store.write(configs, written, "merge");
}

/** Values by suffix, of configs that have some. */
function valuesBelow(prefix: string, known: ReadonlyMap<string, OpsiObject>): Map<string, readonly unknown[]> {
  const found = [...known].filter(([id]) => id.startsWith(prefix));
  const values = found.map(([id, config]) => [id.slice(prefix.length), defaultValues(config)] as const);
  return new Map(values.filter(([, list]) => list.length > 0));
}

type Possible = Readonly<Record<PrivilegeSource | "roles", readonly string[]>>;

/** What there is to choose from: depots, groups, roles. */
async function possibleValues(store: ObjectStore): Promise<Possible> {
  const ids = async (of: ReturnType<typeof family>, type: string | readonly string[]) =>
    (await store.readIdents(of, { filter: { type } })).map(({ id }) => String(id));
  const roles = await configsBelow(store, "user.role.{", []);
  return {
    depots: await ids(hosts, ["OpsiConfigserver", "OpsiDepotserver"]),
    hostGroups: await ids(groups, "HostGroup"),
    productGroups: await ids(groups, "ProductGroup"),
    roles: [...new Set([...roles.keys()].map((id) => /^user\.role\.\{(.*?)\}/.exec(id)?.[1] ?? ""))].filter(Boolean),
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
