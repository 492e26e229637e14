import { forceList, OpsiError, rule } from "@opsi-ts/model";
import { isEmpty } from "../arguments.ts";
import type { Call } from "../declare.ts";
import { clientToDepots } from "../depot-assignment.ts";
import { hosts, productsOnClients } from "../families.ts";
import { legacyMethods } from "../legacy/legacy-methods.ts";
import { compactTimestamp, withoutNulls } from "../legacy/legacy-values.ts";

async function clients(call: Call): Promise<Record<string, unknown>[]> {
  const found = await call.objects.read(hosts, [], { type: "OpsiClient" });
  const assigned = await clientToDepots(call);
  const depotOf = new Map(assigned.map(({ clientId, depotId }) => [clientId, depotId]));
  return found.map(({ type: _type, id, ...client }) => ({
    ...withoutNulls(client),
    created: compactTimestamp(client["created"]),
    lastSeen: compactTimestamp(client["lastSeen"]),
    hostId: id,
    depotId: depotOf.get(String(id)) ?? "",
  }));
}

async function clientIds({ objects }: Call): Promise<unknown[]> {
  return (await objects.readIdents(hosts, { type: "OpsiClient" })).map(({ id }) => id);
}

async function onDepots(call: Call, given: unknown): Promise<string[]> {
  const depotIds = forceList(given).map(rule.hostId.coerce);
  if (depotIds.length === 0) throw new OpsiError("ValueError", "No depotIds given", { field: "depotIds" });
  return (await clientToDepots(call, depotIds)).map(({ clientId }) => clientId);
}

async function withProducts({ objects }: Call, given: unknown, installationStatus: unknown): Promise<unknown[]> {
  const productId = forceList(given).map(rule.productId.coerce);
  if (productId.length === 0) throw new OpsiError("ValueError", "Missing product ids", { field: "productIds" });
  const status = installationStatus ? { installationStatus: rule.installationStatus.coerce(installationStatus) } : {};
  const found = await objects.readIdents(productsOnClients, { productId, ...status });
  return [...new Set(found.map(({ clientId }) => clientId))];
}

async function withActionRequest({ objects }: Call, given: unknown): Promise<unknown[]> {
  const actionRequest = forceList(given)
    .filter((request) => request !== "")
    .map(rule.actionRequest.coerce);
  if (actionRequest.length === 0) {
    throw new OpsiError("ValueError", "Missing action requests", { field: "actionRequests" });
  }
  const found = await objects.readIdents(productsOnClients, { actionRequest });
  return [...new Set(found.map(({ clientId }) => clientId))];
}

const nineFilters =
  "serverId=None depotIds=None groupId=None productId=None installationStatus=None actionRequest=None " +
  "productVersion=None packageVersion=None hwFilter=None";

function idsByOldFilters(call: Call, ...values: unknown[]): Promise<unknown[]> {
  if (values.every(isEmpty)) return clientIds(call);
  const [, depots, , productId, installationStatus, actionRequest] = values;
  if (!isEmpty(depots)) return onDepots(call, depots);
  if (!isEmpty(productId)) return withProducts(call, productId, installationStatus);
  if (!isEmpty(actionRequest)) return withActionRequest(call, actionRequest);
  const text = "Missing parameters for mapping getClientIds_list to replacing method.";
  throw new OpsiError("RuntimeError", text);
}

/** (methods 17.1) */
export const clientQueryMethods = legacyMethods({
  getClients: {
    signature: "",
    doc: "All clients with their depots.",
    result: "list[dict]",
    alternative: "host_getObjects",
    run: clients,
  },
  getClientIDs: {
    signature: "",
    doc: "Ids of all clients.",
    result: "list[str]",
    alternative: "host_getIdents",
    run: clientIds,
  },
  getClientsOnDepot: {
    signature: "depotIds",
    doc: "Ids of the clients that depots serve.",
    result: "list[str]",
    alternative: "configState_getClientToDepotserver",
    run: onDepots,
  },
  getClientsWithProducts: {
    signature: "productIds installationStatus=None",
    doc: "Ids of the clients with products in a status.",
    result: "list[str]",
    run: withProducts,
  },
  getClientsWithActionRequest: {
    signature: "actionRequests",
    doc: "Ids of the clients for which actions are requested.",
    result: "list[str]",
    run: withActionRequest,
  },
  getClients_listOfHashes: {
    signature: nineFilters,
    doc: "All clients with their depots; filters are no longer possible.",
    alternative: "host_getObjects",
    run: (call, ...values) => {
      if (!values.every(isEmpty)) throw new OpsiError("RuntimeError", "These parameters have been deprecated");
      return clients(call);
    },
  },
  getClientIds_list: {
    signature: nineFilters,
    doc: "Ids of all clients, or of those that one filter leaves.",
    alternative: "getClientIDs",
    dropVersion: "4.4",
    run: idsByOldFilters,
  },
});
