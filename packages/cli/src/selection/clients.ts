import { OpsiError } from "@opsi-ts/model";
import type { Parameters, Values } from "../command.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../usage-error.ts";
import { groupMembers } from "./groups.ts";
import { matcher, nameList } from "./name-list.ts";

/** Options of every command that works on clients. (packages §6.2, client-action) */
export const clientSelection = {
  clients: { flags: "--clients <ids>", doc: "client ids, with * as wildcard, or all", parse: nameList },
  groups: {
    flags: "--groups <names>",
    doc: "members of these host groups and the groups below them",
    parse: nameList,
    alias: "--client-groups",
  },
  depots: {
    flags: "--depots <ids>",
    doc: "clients that these depots serve, with * as wildcard",
    parse: nameList,
    alias: "--clients-from-depots",
  },
  excludeClients: { flags: "--exclude-clients <ids>", doc: "but not these", parse: nameList },
  excludeGroups: {
    flags: "--exclude-groups <names>",
    doc: "but not the members of these host groups",
    parse: nameList,
    alias: "--exclude-client-groups",
  },
  onlyOnline: { flags: "--only-online", doc: "only clients connected to the message bus now" },
} as const satisfies Parameters;

export type ClientSelection = Values<typeof clientSelection>;

/**
 * Ids of the clients that are meant, in alphabetical order: those of `--clients`, `--groups` and `--depots` together,
 * without the excluded ones.
 *
 * @param orNone nothing that fits is no error
 * @throws UsageError if nothing is selected at all; OpsiError BackendMissingDataError if nothing fits
 */
export async function selectClients(
  context: Context,
  selection: ClientSelection,
  { orNone = false }: { orNone?: boolean } = {},
): Promise<string[]> {
  const { clients, groups, depots, excludeClients, excludeGroups, onlyOnline } = selection;
  if (clients === undefined && groups === undefined && depots === undefined) {
    throw new UsageError("Which clients? Give --clients, --groups or --depots");
  }
  const hosts = await context.call<{ id: string }[]>("host_getObjects", [["id"], { type: "OpsiClient" }]);
  const all = hosts.map(({ id }) => id);
  const known = new Set(all);
  const chosen = new Set<string>();
  for (const pattern of clients ?? []) {
    const matches = pattern === "all" ? all : all.filter(matcher([pattern]));
    if (matches.length === 0 && !pattern.includes("*") && pattern !== "all") {
      throw new OpsiError("BackendMissingDataError", `There is no client '${pattern}'`);
    }
    for (const id of matches) chosen.add(id);
  }
  if (groups !== undefined) {
    for (const id of await groupMembers(context, "HostGroup", groups)) if (known.has(id)) chosen.add(id);
  }
  if (depots !== undefined) for (const id of await clientsOfDepots(context, depots)) chosen.add(id);
  if (excludeClients !== undefined) for (const id of all.filter(matcher(excludeClients))) chosen.delete(id);
  if (excludeGroups !== undefined) {
    for (const id of await groupMembers(context, "HostGroup", excludeGroups)) chosen.delete(id);
  }
  const online = onlyOnline ? new Set(await context.call<string[]>("host_getMessagebusConnectedIds")) : null;
  const selected = [...chosen].filter((id) => online === null || online.has(id)).sort();
  if (selected.length === 0 && !orNone) throw new OpsiError("BackendMissingDataError", "No client fits the selection");
  return selected;
}

async function clientsOfDepots(context: Context, patterns: readonly string[]): Promise<string[]> {
  const depots = await selectDepots(context, patterns);
  const pairs = await context.call<{ clientId: string }[]>("configState_getClientToDepotserver", [
    depots.map(({ id }) => id),
  ]);
  return pairs.map(({ clientId }) => clientId);
}

export interface Depot {
  readonly id: string;
  readonly type: string;
  readonly opsiHostKey: string | null;
  readonly repositoryLocalUrl: string | null;
  readonly repositoryRemoteUrl: string | null;
  readonly depotLocalUrl: string | null;
}

/**
 * Depots by id, with `*` as wildcard; `all` = every depot, without patterns the config server.
 *
 * @throws OpsiError BackendMissingDataError
 */
export async function selectDepots(
  { call }: Pick<Context, "call">,
  patterns?: readonly string[] | undefined,
): Promise<Depot[]> {
  const depots = await call<Depot[]>("host_getObjects", [[], { type: "OpsiDepotserver" }]);
  const chosen = new Map<string, Depot>();
  for (const depot of depots) {
    if (patterns === undefined && depot.type === "OpsiConfigserver") chosen.set(depot.id, depot);
  }
  for (const pattern of patterns ?? []) {
    const matches = pattern.toLowerCase() === "all" ? depots : depots.filter(({ id }) => matcher([pattern])(id));
    if (matches.length === 0) throw new OpsiError("BackendMissingDataError", `There is no depot '${pattern}'`);
    for (const depot of matches) chosen.set(depot.id, depot);
  }
  if (chosen.size === 0) throw new OpsiError("BackendMissingDataError", "The service knows no config server");
  return [...chosen.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
