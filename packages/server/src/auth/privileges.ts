import { familyOf, type OpsiObject } from "@opsi-ts/model";
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
const registerConfigId = "user.{}.register";

const configs = familyOf("config");

/** Default values by ids. */
export async function defaultsOf(store: ObjectStore, ids: readonly string[]): Promise<Map<string, readonly unknown[]>> {
  const found = await store.read(configs, { attributes: ["defaultValues"], filter: { id: ids } });
  return new Map(found.map((config) => [String(config["id"]), defaultValues(config)]));
}

/** Default values by suffix: more than ten ids are compared as they are, whatever is in a name. (objects 5.1) */
export async function defaultsBelow(store: ObjectStore, prefix: string): Promise<Map<string, readonly unknown[]>> {
  const suffixes = Object.values(privilegeTable).map(({ suffix }) => suffix);
  const found = await defaultsOf(
    store,
    suffixes.map((suffix) => prefix + suffix),
  );
  return new Map([...found].map(([id, values]) => [id.slice(prefix.length), values]));
}

/** Whether the site keeps users apart. Most do not, and every call of a user asks: idents cost a third of values. */
export async function keepsUsersApart(store: ObjectStore): Promise<boolean> {
  if ((await store.readIdents(configs, { filter: { id: registerConfigId } })).length === 0) return false;
  return (await defaultsOf(store, [registerConfigId])).get(registerConfigId)?.[0] === true;
}

function defaultValues(config: OpsiObject): readonly unknown[] {
  const values = config["defaultValues"];
  return Array.isArray(values) ? values : [];
}

/**
 * What a user may do; null while the site does not keep users apart.
 *
 * @see methods 5
 */
export async function readPrivileges(store: ObjectStore, username: string): Promise<Privileges | null> {
  if (!(await keepsUsersApart(store))) return null;
  const stored = await defaultsBelow(store, userPrefix(username));
  const flag = (key: keyof Table): boolean => {
    const entry: Flag | List = privilegeTable[key];
    const [value] = stored.get(entry.suffix) ?? [];
    return typeof value === "boolean" ? value : "initial" in entry && entry.initial;
  };
  const list = (key: keyof Table): ReadonlySet<string> =>
    new Set((stored.get(privilegeTable[key].suffix) ?? []).map(String));
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
