import { families, type OpsiObject } from "@opsi-ts/model";
import type { ObjectStore } from "../backends/storage.ts";

/** Where the values of a list come from. */
export type PrivilegeSource = "depots" | "hostGroups" | "productGroups";

interface Flag {
  readonly suffix: string;
  readonly initial: boolean;
}

interface List {
  readonly suffix: string;
  readonly source: PrivilegeSource;
}

/** What a user may do, one config each; the ids end with the suffix. (methods 5.1) */
export const privilegeTable = {
  onlyReads: { suffix: "privilege.host.all.registered_readonly", initial: false },
  createsClients: { suffix: "privilege.host.createclient", initial: true },
  writesServer: { suffix: "privilege.host.opsiserver.write", initial: true },
  limitsDepots: { suffix: "privilege.host.depotaccess.configured", initial: false },
  depots: { suffix: "privilege.host.depotaccess.depots", source: "depots" },
  limitsHostGroups: { suffix: "privilege.host.groupaccess.configured", initial: false },
  hostGroups: { suffix: "privilege.host.groupaccess.hostgroups", source: "hostGroups" },
  limitsProductGroups: { suffix: "privilege.product.groupaccess.configured", initial: false },
  productGroups: { suffix: "privilege.product.groupaccess.productgroups", source: "productGroups" },
  managesCommands: { suffix: "ssh.commandmanagement.active", initial: false },
  runsCommands: { suffix: "ssh.commands.active", initial: true },
  opensConsole: { suffix: "ssh.menu_serverconsole.active", initial: true },
  configuresConnection: { suffix: "ssh.serverconfiguration.active", initial: true },
} as const satisfies Record<string, Flag | List>;

type Table = typeof privilegeTable;
export type Privileges = {
  readonly [K in keyof Table]: Table[K] extends Flag ? boolean : ReadonlySet<string>;
};

/** `user.{anna}.` before the suffixes; blanks, which no config id has, are written as in addresses. */
export const userPrefix = (username: string) => `user.{${username.toLowerCase().replace(/\s/g, encodeURIComponent)}}.`;
export const rolePrefix = (role: string) => `user.role.{${role.toLowerCase().replace(/\s/g, encodeURIComponent)}}.`;
export const registerConfigId = "user.{}.register";

const configs = families.find(({ prefix }) => prefix === "config");

/** Configs by their ids, those below a prefix and some more; what is in a name is no pattern. */
export async function configsBelow(store: ObjectStore, prefix: string, more: readonly string[]) {
  if (!configs) throw new Error("Configs are not stored");
  const found = await store.read(configs, { filter: { id: [`${prefix}*`, ...more] } });
  const wanted = found.filter(({ id }) => String(id).startsWith(prefix) || more.includes(String(id)));
  return new Map(wanted.map((config) => [String(config["id"]), config] as const));
}

export function defaultValues(config: OpsiObject | undefined): readonly unknown[] {
  const values = config?.["defaultValues"];
  return Array.isArray(values) ? values : [];
}

/**
 * What a user may do; null while the site does not keep users apart.
 *
 * @see methods 5
 */
export async function readPrivileges(store: ObjectStore, username: string): Promise<Privileges | null> {
  const prefix = userPrefix(username);
  const known = await configsBelow(store, prefix, [registerConfigId]);
  if (defaultValues(known.get(registerConfigId))[0] !== true) return null;
  const flag = (key: keyof Table): boolean => {
    const entry: Flag | List = privilegeTable[key];
    const [value] = defaultValues(known.get(prefix + entry.suffix));
    return typeof value === "boolean" ? value : "initial" in entry && entry.initial;
  };
  const list = (key: keyof Table): ReadonlySet<string> =>
    new Set(defaultValues(known.get(prefix + privilegeTable[key].suffix)).map(String));
  return {
    onlyReads: flag("onlyReads"),
    createsClients: flag("createsClients"),
    writesServer: flag("writesServer"),
    limitsDepots: flag("limitsDepots"),
    depots: list("depots"),
    limitsHostGroups: flag("limitsHostGroups"),
    hostGroups: list("hostGroups"),
    limitsProductGroups: flag("limitsProductGroups"),
    productGroups: list("productGroups"),
    managesCommands: flag("managesCommands"),
    runsCommands: flag("runsCommands"),
    opensConsole: flag("opensConsole"),
    configuresConnection: flag("configuresConnection"),
  };
}
