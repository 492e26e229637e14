import { type Reach, UserLimits, type UserReach } from "../access-control/user-limits.ts";
import { keepsUsersApart, type Privileges, readPrivileges } from "../auth/privileges.ts";
import type { Session } from "../auth/session.ts";
import type { Storage } from "../backends/storage.ts";
import { clientToDepots } from "./depot-assignment.ts";
import { groups, hosts, objectToGroups, products } from "./families.ts";
import { ownCall } from "./own-call.ts";
import type { Site } from "./site.ts";

/** Milliseconds for which a session sees what it saw: to find it out takes a large site a tenth of a second. */
const reachAge = 5000;

interface KnownReach {
  /** What it was made of. */
  readonly privileges: string;
  readonly until: number;
  readonly reach: Promise<UserReach>;
}

const known = new WeakMap<Session, KnownReach>();

/** Clients that a session created are its own to the end, so that they can be put into depots and groups. */
const created = new WeakMap<Session, Set<string>>();

const everything: Privileges = {
  onlyReads: false,
  createsClients: true,
  writesServer: true,
  limitsDepots: false,
  depots: new Set(),
  limitsHostGroups: false,
  hostGroups: new Set(),
  limitsProductGroups: false,
  productGroups: new Set(),
  managesCommands: true,
  runsCommands: true,
  opensConsole: true,
  configuresConnection: true,
};

/**
 * What a user may do besides the rules of acl.conf, as it is stored now; null for hosts and users without limits.
 *
 * @see methods 5
 */
export async function userLimits(storage: Storage, site: Site, session: Session): Promise<UserLimits | null> {
  if (session.hostId !== null || !session.authenticated) return null;
  const apart = await knownApart(storage);
  if (!apart && !session.isReadOnly) return null;
  const stored = apart ? await readPrivileges(storage, session.username) : null;
  const privileges = stored ?? everything;
  const own = created.getOrInsertComputed(session, () => new Set());
  const reach = await knownReach(storage, site, session, privileges);
  return new UserLimits({ ...privileges, onlyReads: privileges.onlyReads || session.isReadOnly }, reach, own);
}

/** Milliseconds after which it is asked again what another program may have changed. */
const apartAge = 1000;

const askedApart = new WeakMap<Storage, { changes: number; until: number; apart: boolean }>();

/** `keepsUsersApart` as of the last change. Hot path (bench one-host): asking costs as much as a small call. */
async function knownApart(storage: Storage): Promise<boolean> {
  const last = askedApart.get(storage);
  const { changes } = storage;
  if (last !== undefined && last.changes === changes && last.until > Date.now()) return last.apart;
  const apart = await keepsUsersApart(storage);
  askedApart.set(storage, { changes, until: Date.now() + apartAge, apart });
  return apart;
}

function knownReach(storage: Storage, site: Site, session: Session, privileges: Privileges): Promise<UserReach> {
  const key = JSON.stringify(privileges, (_key, value) => (value instanceof Set ? [...value] : value));
  const last = known.get(session);
  if (last !== undefined && last.privileges === key && last.until > Date.now()) return last.reach;
  const reach = userReach(storage, site, privileges);
  known.set(session, { privileges: key, until: Date.now() + reachAge, reach });
  reach.catch(() => known.delete(session)); // the next call tries again
  return reach;
}

async function userReach(storage: Storage, site: Site, privileges: Privileges): Promise<UserReach> {
  const { limitsDepots, depots, limitsHostGroups, hostGroups, limitsProductGroups, productGroups } = privileges;
  const nothingForeign: Reach = { own: new Set(), foreign: new Set() };
  const isLimited = limitsDepots || limitsHostGroups || limitsProductGroups;
  if (!isLimited && privileges.writesServer)
    return { hosts: nothingForeign, products: nothingForeign, servers: new Set() };
  const serverTypes = { type: ["OpsiDepotserver", "OpsiConfigserver"] };
  const servers = idsOf(await storage.readIdents(hosts, { filter: serverTypes }));
  if (!isLimited) return { hosts: nothingForeign, products: nothingForeign, servers };

  const clients = idsOf(await storage.readIdents(hosts, { filter: { type: "OpsiClient" } }));
  let seen: ReadonlySet<string> = clients;
  if (limitsDepots) {
    const served = await clientToDepots(ownCall(storage, site));
    seen = seen.intersection(new Set(served.filter((one) => depots.has(one.depotId)).map((one) => one.clientId)));
  }
  if (limitsHostGroups) seen = seen.intersection(await membersOf(storage, "HostGroup", hostGroups));
  // without the config server no program finds its way; what it may be asked is limited elsewhere
  const seenServers = limitsDepots ? servers.intersection(new Set([...depots, site.hostId])) : servers;
  const allProducts = idsOf(await storage.readIdents(products, {}));
  const seenProducts = limitsProductGroups
    ? allProducts.intersection(await membersOf(storage, "ProductGroup", productGroups))
    : allProducts;
  return {
    hosts: parted(clients.union(servers), seen.union(seenServers)),
    products: parted(allProducts, seenProducts),
    servers,
  };
}

const idsOf = (idents: readonly Readonly<Record<string, unknown>>[]): Set<string> =>
  new Set(idents.map(({ id }) => String(id)));

const parted = (all: Set<string>, own: ReadonlySet<string>): Reach => ({ own, foreign: all.difference(own) });

/** What is in groups and the groups below them. */
async function membersOf(
  storage: Storage,
  groupType: "HostGroup" | "ProductGroup",
  groupIds: ReadonlySet<string>,
): Promise<Set<string>> {
  const all = await storage.read(groups, { attributes: ["parentGroupId"], filter: { type: groupType } });
  const childrenOf = Map.groupBy(all, ({ parentGroupId }) => String(parentGroupId));
  const reached = new Set<string>();
  const open = [...groupIds];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue; // parents may go in a circle
    reached.add(id);
    open.push(...(childrenOf.get(id) ?? []).map((child) => String(child["id"])));
  }
  const memberships = await storage.readIdents(objectToGroups, { filter: { groupType } });
  const inside = memberships.filter(({ groupId }) => reached.has(String(groupId)));
  return new Set(inside.map(({ objectId }) => String(objectId)));
}
