import { isHash, isOpsiObject, OpsiError, type OpsiObject, pythonTypeName, toHash } from "@opsi-ts/model";
import type { Filter } from "../backends/storage.ts";
import { Turn } from "../backends/turn.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { clientToDepots } from "./depot-assignment.ts";
import { productDependencies, products, productsOnClients, productsOnDepots } from "./families.ts";
import { scriptActions } from "./sequence/action.ts";
import { type SequencedGroup, sequenceClient } from "./sequence/client-actions.ts";
import { type DepotProducts, depotProducts, productAttributes } from "./sequence/depot-products.ts";

/** Reads what is on each of the depots, and what of it needs what. */
async function readDepotProducts({ objects }: Call, depotIds: readonly string[]): Promise<Map<string, DepotProducts>> {
  const onDepots = await objects.read(productsOnDepots, [], { depotId: depotIds });
  const found = await objects.read(products, productAttributes, {});
  const dependencies = await objects.read(productDependencies, [], {});
  const ofDepots = Map.groupBy(onDepots, ({ depotId }) => String(depotId));
  return new Map([...ofDepots].map(([id, onDepot]) => [id, depotProducts(onDepot, found, dependencies)]));
}

const nothing: DepotProducts = new Map();

/** Clients whose products are read at once: few enough to hold them in memory. */
const clientsAtOnce = 500;

interface ClientSequence {
  readonly clientId: string;
  readonly groups: readonly SequencedGroup[];
}

/** The sequences of all clients that the given objects belong to, clients in the order in which they come up. */
async function sequence(call: Call, productsOnClient: readonly OpsiObject[]): Promise<ClientSequence[]> {
  const byClient = Map.groupBy(productsOnClient, ({ clientId }) => String(clientId));
  if (byClient.size === 0) return [];
  const clientIds = [...byClient.keys()];
  const assigned = await clientToDepots(call, [], clientIds);
  const depotOf = new Map(assigned.map(({ clientId, depotId }) => [clientId, depotId]));
  // What is no client is a depot whose own order is wanted.
  const depotIds = new Set(clientIds.map((clientId) => depotOf.get(clientId) ?? clientId));
  const depots = await readDepotProducts(call, [...depotIds]);
  const sequences: ClientSequence[] = [];
  const turn = new Turn();
  for (let start = 0; start < clientIds.length; start += clientsAtOnce) {
    const clientId = clientIds.slice(start, start + clientsAtOnce);
    const stored = await call.objects.read(productsOnClients, [], { clientId });
    const storedOf = Map.groupBy(stored, (object) => String(object["clientId"]));
    for (const id of clientId) {
      const installed = new Map((storedOf.get(id) ?? []).map((object) => [String(object["productId"]), object]));
      const depot = depots.get(depotOf.get(id) ?? id) ?? nothing;
      sequences.push({ clientId: id, groups: sequenceClient(id, byClient.get(id) ?? [], depot, installed) });
      if (turn.isOver) await turn.pass();
    }
  }
  return sequences;
}

/** Given and added objects in the order in which they are to be processed. */
async function withDependencies(call: Call, given: readonly OpsiObject[]): Promise<OpsiObject[]> {
  const sequences = await sequence(call, given);
  return sequences.flatMap(({ groups }) => groups.flatMap(({ productsOnClient }) => productsOnClient));
}

/** @throws TypeError, AttributeError as callers of the original know them */
function givenObjects(value: unknown): OpsiObject[] {
  if (isOpsiObject(value)) throw new OpsiError("TypeError", `'${value.type}' object is not iterable`);
  if (isHash(value) && Object.keys(value).length === 0) return [];
  if (!Array.isArray(value) && typeof value !== "string") {
    throw new OpsiError("TypeError", `'${pythonTypeName(value)}' object is not iterable`);
  }
  return [...value].map((element: unknown) => {
    if (isOpsiObject(element) && element.type === "ProductOnClient") return element;
    const name = isOpsiObject(element) ? element.type : pythonTypeName(element);
    throw new OpsiError("AttributeError", `'${name}' object has no attribute 'clientId'`);
  });
}

/** Checks, expands and stores requests; the answer is what was stored. (objects 6.6) */
export async function updateWithDependencies(call: Call, given: readonly OpsiObject[]): Promise<OpsiObject[]> {
  const expanded = await withDependencies(call, given);
  if (expanded.length > 0) await call.objects.write(productsOnClients, expanded, "merge", "updateObjects");
  return expanded;
}

/** Requests of equal priority are processed in the order in which they are looked at. */
const inOrder = (object: OpsiObject) => `${object["productId"]};${object["productType"]};${object["clientId"]}`;

async function readRequests({ objects }: Call, filter: Filter): Promise<OpsiObject[]> {
  const found = await objects.read(productsOnClients, [], filter);
  return found.sort((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1));
}

async function objectsWithSequence(call: Call, attributes: unknown, filter: Filter): Promise<unknown> {
  const names = Array.isArray(attributes) ? attributes.map(String) : [];
  if (names.length > 0 && !names.includes("actionSequence")) {
    return call.objects.readJson(productsOnClients, names, filter, "object");
  }
  const found = await readRequests(call, filter);
  const stored = new Map(found.map((object) => [`${object["productId"]};${object["clientId"]}`, object]));
  const sequences = await sequence(call, found);
  return sequences.flatMap(({ groups }) =>
    groups.flatMap(({ productsOnClient }, index) =>
      productsOnClient.flatMap((object) => {
        const original = stored.get(`${object["productId"]};${object["clientId"]}`);
        if (!original) return [];
        const actionSequence = original["actionRequest"] === "none" ? -1 : object["actionSequence"];
        return [{ ...toHash({ ...original, actionSequence }), actionGroup: index + 1 }];
      }),
    ),
  );
}

async function actionGroups(call: Call, clientId: unknown): Promise<unknown> {
  const found = await readRequests(call, { clientId });
  const sequences = await sequence(call, found);
  return sequences.flatMap(({ groups }) =>
    groups.flatMap(({ priority, productsOnClient, priorities, sortLog }) => {
      const requested = productsOnClient.filter(({ actionRequest }) => actionRequest !== "none");
      if (requested.length === 0) return [];
      return [{ priority, product_on_clients: requested, priorities, dependencies: {}, sort_log: sortLog }];
    }),
  );
}

/** The products of a depot in the order in which they would be installed. (objects 6.6) */
async function productOrdering(call: Call, depotId: string): Promise<{ not_sorted: string[]; sorted: string[] }> {
  const depots = await readDepotProducts(call, [depotId]);
  const depot: DepotProducts = new Map([...depots.values()].flatMap((found) => [...found]));
  const localboot = [...depot.values()].filter(({ productType }) => productType === "LocalbootProduct");
  const requests = localboot.flatMap(({ id, productType, scripts }): OpsiObject[] => {
    const actionRequest = scriptActions.find((action) => scripts.has(action));
    if (actionRequest === undefined) return [];
    const installationStatus = "not_installed";
    return [
      { type: "ProductOnClient", productId: id, productType, clientId: depotId, actionRequest, installationStatus },
    ];
  });
  const groups = sequenceClient(depotId, requests, depot, new Map());
  const sorted = groups.flatMap(({ productsOnClient }) => productsOnClient.map(({ productId }) => String(productId)));
  return { not_sorted: localboot.map(({ id }) => id).sort(), sorted: [...new Set(sorted)] };
}

/** (objects 7, methods 14) */
export const productSequenceMethods: readonly Method[] = [
  {
    name: "productOnClient_getObjectsWithSequence",
    doc: "ProductOnClients in the order in which they are to be processed.",
    parameters: parameters("attributes=None"),
    result: "list[ProductOnClient]",
    keywords: "filter",
    access: "objects",
    run: (call, attributes, filter) => objectsWithSequence(call, attributes, filter as Filter),
  },
  {
    name: "productOnClient_generateSequence",
    doc: "The given ProductOnClients in the order in which they are to be processed.",
    parameters: parameters("productOnClients"),
    result: "list[ProductOnClient]",
    access: "objects",
    run: async (call, value) => {
      const given = givenObjects(value);
      const passed = new Set(given.map(({ productId, clientId }) => `${productId};${clientId}`));
      const expanded = await withDependencies(call, given);
      return expanded.filter(({ productId, clientId }) => passed.has(`${productId};${clientId}`)).map(toHash);
    },
  },
  {
    name: "productOnClient_addDependencies",
    doc: "The given ProductOnClients and those that they need, in the order in which they are to be processed.",
    parameters: parameters("productOnClients"),
    result: "list[ProductOnClient]",
    access: "name",
    run: async (call, value) => (await withDependencies(call, givenObjects(value))).map(toHash),
  },
  {
    name: "productOnClient_updateObjectsWithDependencies",
    doc: "Stores the given ProductOnClients and those that they need.",
    parameters: parameters("productOnClients"),
    result: "list[ProductOnClient]",
    access: "objects",
    run: async (call, value) => (await updateWithDependencies(call, givenObjects(value))).map(toHash),
  },
  {
    name: "productOnClient_getActionGroups",
    doc: "What is to be done on a client, in groups of products that depend on each other.",
    parameters: parameters("clientId"),
    result: "list[dict]",
    access: "objects",
    run: actionGroups,
  },
  {
    name: "getProductOrdering",
    doc: "The products of a depot in the order of their priorities and dependencies.",
    parameters: parameters("depotId sortAlgorithm=None"),
    result: "dict",
    access: "objects",
    run: (call, depotId, sortAlgorithm) => {
      if (sortAlgorithm && sortAlgorithm !== "algorithm1") {
        throw new OpsiError("ValueError", `Invalid sort algorithm '${sortAlgorithm}'`, { field: "sortAlgorithm" });
      }
      return productOrdering(call, String(depotId));
    },
  },
];
