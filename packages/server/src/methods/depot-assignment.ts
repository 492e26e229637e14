import { OpsiError, rule } from "@opsi-ts/model";
import { depotConfigId } from "../depot/depot-data.ts";
import { hostIds, productIds } from "./arguments.ts";
import { configValues } from "./config-values.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { hosts, productsOnDepots } from "./families.ts";

export interface ClientToDepot {
  readonly depotId: string;
  readonly clientId: string;
  readonly alternativeDepotIds: readonly string[];
}

/**
 * Which depot serves which client.
 *
 * @param givenDepots depots to consider, none means all
 * @param givenClients none means all
 * @see objects 6.4
 */
export async function clientToDepots(
  call: Call,
  givenDepots: unknown = [],
  givenClients: unknown = [],
): Promise<Omit<ClientToDepot, "alternativeDepotIds">[]> {
  const { objects, session } = call;
  const servers = { type: ["OpsiDepotserver", "OpsiConfigserver"] };
  const wanted = hostIds(givenClients);
  const [allDepots, clients] = await Promise.all([
    objects.read(hosts, ["type"], servers),
    objects.readIdents(hosts, { type: "OpsiClient", id: wanted }),
  ]);
  const configserver = allDepots.find(({ type }) => type === "OpsiConfigserver");
  const chosen = new Set(hostIds(givenDepots));
  const depotIds = new Set(allDepots.map(({ id }) => String(id)).filter((id) => chosen.size === 0 || chosen.has(id)));
  const clientIds = clients.map(({ id }) => String(id));
  if (depotIds.size === 0 || clientIds.length === 0) return [];
  if (session.hostType === "OpsiClient") checkOwn(clientIds, session.hostId);
  const values = await configValues(call, [depotConfigId], wanted.length > 0 ? clientIds : []);
  return clientIds.flatMap((clientId) => {
    const assigned = values.get(clientId)?.get(depotConfigId)?.[0];
    const depotId = String(assigned || (configserver?.["id"] ?? ""));
    return depotIds.has(depotId) ? [{ depotId, clientId }] : [];
  });
}

/**
 * A client sees its own assignment; others are for it where clients without a depot are, at the config server.
 *
 * @throws ValueError where only others are asked for, with the text that clients of the original get (methods 21, 11)
 */
function checkOwn(clientIds: readonly string[], hostId: string | null): void {
  if (hostId !== null && clientIds.includes(hostId)) return;
  throw new OpsiError("ValueError", "list.remove(x): x not in list", { field: "clientIds" });
}

/** @throws BackendConfigurationError if no depot serves the client */
export async function depotOfClient(call: Call, clientId: string): Promise<string> {
  const [found] = await clientToDepots(call, [], [clientId]);
  if (found) return found.depotId;
  throw new OpsiError("BackendConfigurationError", noDepot(clientId));
}

export const noDepot = (clientId: unknown) => `Failed to get depot server for client '${clientId}'`;

/** For each depot the other depots that hold the same versions of the products. */
async function alternatives(call: Call, depotIds: ReadonlySet<string>, products: readonly string[]) {
  const held = await call.objects.read(productsOnDepots, ["productVersion", "packageVersion"], { productId: products });
  const versions = new Map<string, string>();
  for (const [depotId, onDepot] of Map.groupBy(held, ({ depotId }) => String(depotId))) {
    const lines = onDepot.map((o) => `${o["productId"]};${o["productVersion"]};${o["packageVersion"]}`);
    versions.set(depotId, lines.sort().join("\n"));
  }
  const equalTo = (depotId: string) =>
    [...versions]
      .filter(([other, text]) => other !== depotId && text === versions.get(depotId))
      .map(([other]) => other);
  return new Map([...depotIds].map((depotId) => [depotId, versions.has(depotId) ? equalTo(depotId) : []]));
}

async function clientToDepotserver(
  call: Call,
  depots: unknown,
  clients: unknown,
  masterOnly: unknown,
  productList: unknown,
): Promise<ClientToDepot[]> {
  const wantedProducts = productIds(productList);
  const assigned = await clientToDepots(call, depots, clients);
  const onlyMasters = masterOnly === null || rule.bool.coerce(masterOnly);
  const used = new Set(assigned.map(({ depotId }) => depotId));
  const others = onlyMasters ? new Map<string, string[]>() : await alternatives(call, used, wantedProducts);
  return assigned.map((pair) => ({ ...pair, alternativeDepotIds: others.get(pair.depotId) ?? [] }));
}

/** (methods 13.2) */
export const depotAssignmentMethods: readonly Method[] = [
  {
    name: "configState_getClientToDepotserver",
    doc: "Which depot serves which client, and which others could.",
    parameters: parameters("depotIds=None clientIds=None masterOnly=True productIds=None"),
    result: "list[dict]",
    access: "objects",
    run: (call, depots, clients, masterOnly, products) =>
      clientToDepotserver(call, depots, clients, masterOnly, products),
  },
  {
    name: "getDepotId",
    doc: "The depot that serves a client.",
    parameters: parameters("clientId"),
    result: "str",
    access: "objects",
    alternative: "configState_getClientToDepotserver",
    run: (call, clientId) => depotOfClient(call, rule.hostId.coerce(clientId)),
  },
];
