import type { Filter } from "../backends/storage.ts";
import { filterValues, objectIds } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { clientToDepots } from "./depot-assignment.ts";
import { hosts, productPropertyStates } from "./families.ts";

/** Values by object, product and property. Maps, because ids come from callers. */
export type PropertyValues = Map<string, Map<string, Map<string, unknown[]>>>;

/**
 * The values that count for objects: the states of a client's depot, over them its own.
 *
 * @param products wildcards are possible, as with properties; none means all
 * @param givenIds none means all hosts, for a client itself: it needs no more, and those of a large site are many
 * @see objects 6.7
 */
export async function productPropertyValues(
  call: Call,
  products: unknown,
  properties: unknown,
  givenIds: unknown,
  withDefaults = true,
): Promise<PropertyValues> {
  const given = objectIds(givenIds);
  const { hostId, hostType } = call.session;
  const wanted = given.length === 0 && hostType === "OpsiClient" && hostId !== null ? [hostId] : given;
  const filter: Filter = { productId: filterValues(products), propertyId: filterValues(properties) };
  const values: PropertyValues = withDefaults ? await inherited(call, filter, wanted) : new Map();
  for (const state of await call.objects.read(productPropertyStates, [], { ...filter, objectId: wanted })) {
    add(values, String(state["objectId"]), state);
  }
  return values;
}

function add(values: PropertyValues, objectId: string, state: Readonly<Record<string, unknown>>): void {
  const ofObject = values.get(objectId) ?? new Map<string, Map<string, unknown[]>>();
  values.set(objectId, ofObject);
  const productId = String(state["productId"]);
  const ofProduct = ofObject.get(productId) ?? new Map<string, unknown[]>();
  ofObject.set(productId, ofProduct);
  ofProduct.set(String(state["propertyId"]), Array.isArray(state["values"]) ? state["values"] : []);
}

/** What hosts have before their own states. Every client gets maps of its own: nothing is shared between clients. */
async function inherited(call: Call, filter: Filter, wanted: readonly string[]): Promise<PropertyValues> {
  const found = await call.objects.read(hosts, ["type"], { id: wanted });
  const values: PropertyValues = new Map(found.map(({ id }) => [String(id), new Map()]));
  const clientIds = found.filter(({ type }) => type === "OpsiClient").map(({ id }) => String(id));
  if (clientIds.length === 0) return values;
  const assigned = await clientToDepots(call, [], wanted.length > 0 ? clientIds : []);
  const depotIds = [...new Set(assigned.map(({ depotId }) => depotId))];
  if (depotIds.length === 0) return values;
  const states = await call.objects.read(productPropertyStates, [], { ...filter, objectId: depotIds });
  const statesOf = Map.groupBy(states, ({ objectId }) => String(objectId));
  for (const { clientId, depotId } of assigned) {
    for (const state of statesOf.get(depotId) ?? []) add(values, clientId, state);
  }
  return values;
}

/** (methods 13.3) */
export const productPropertyValueMethods: readonly Method[] = [
  {
    name: "productPropertyState_getValues",
    doc: "Values of product properties for objects, with the states of their depots if wanted.",
    parameters: parameters("product_ids=None property_ids=None object_ids=None with_defaults=True"),
    result: "dict[str, dict[str, dict[str, list]]]",
    access: "objects",
    run: async (call, products, properties, givenIds, withDefaults) => {
      const values = await productPropertyValues(call, products, properties, givenIds, Boolean(withDefaults));
      const plain = (ofObject: Map<string, Map<string, unknown[]>>) =>
        Object.fromEntries([...ofObject].map(([productId, ofProduct]) => [productId, Object.fromEntries(ofProduct)]));
      return Object.fromEntries([...values].map(([objectId, ofObject]) => [objectId, plain(ofObject)]));
    },
  },
];
