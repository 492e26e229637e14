import {
  forceList,
  fromHash,
  OpsiError,
  type OpsiObject,
  ProductPropertyState,
  pythonRepr,
  rule,
} from "@opsi-ts/model";
import type { Call, Method } from "./declare.ts";
import { parameters } from "./declare.ts";
import { hosts, productProperties, productPropertyStates } from "./families.ts";
import { legacyMethods } from "./legacy/legacy-methods.ts";
import { joinedValues } from "./legacy/legacy-values.ts";
import { inVersionOrder } from "./legacy/version-order.ts";
import { productPropertyValues } from "./product-property-values.ts";

/** Values as the property's definition wants them. @throws ValueError for several values where one is meant */
function valuesFor(definition: OpsiObject, given: unknown): unknown[] {
  if (definition.type === "BoolProductProperty") {
    const [only] = Array.isArray(given) && given.length === 1 ? given : [given];
    return [rule.bool.coerce(only)];
  }
  const values = forceList(given).map(rule.string.coerce);
  if (values.length > 1 && !definition["multiValue"]) {
    const id = definition["propertyId"];
    throw new OpsiError("ValueError", `Property '${id}' is not multivalue but new values ${pythonRepr(values)} are!`, {
      field: String(id),
    });
  }
  return values;
}

/**
 * Sets properties of a product for one object, or, without one, for all depots that have a value already.
 * All are set or none. (methods 15)
 */
async function setProperties(call: Call, productId: unknown, properties: unknown, objectId: unknown): Promise<null> {
  const { objects } = call;
  const wanted = Object.entries(rule.dict.coerce(properties));
  const definitions = new Map(
    inVersionOrder(await objects.read(productProperties, [], { productId })).map((definition) => [
      String(definition["propertyId"]),
      definition,
    ]),
  );
  const values = new Map<string, unknown[]>();
  for (const [propertyId, given] of wanted) {
    const definition = definitions.get(propertyId);
    if (!definition) {
      throw new OpsiError(
        "BackendMissingDataError",
        `Property with id '${propertyId}' not found for product '${productId}'!`,
        { field: propertyId },
      );
    }
    values.set(propertyId, valuesFor(definition, given));
  }
  const states = objectId
    ? [...values].map(([propertyId, list]) =>
        fromHash(ProductPropertyState, { productId, propertyId, objectId, values: list }),
      )
    : await depotStates(call, productId, values);
  if (states.length > 0) await objects.write(productPropertyStates, states, "insert", "createObjects");
  return null;
}

/** The states that depots have, with the new values. */
async function depotStates(
  { objects }: Call,
  productId: unknown,
  values: ReadonlyMap<string, unknown[]>,
): Promise<OpsiObject[]> {
  if (values.size === 0) return [];
  const depots = await objects.readIdents(hosts, { type: ["OpsiDepotserver", "OpsiConfigserver"] });
  if (depots.length === 0) return [];
  const propertyId = [...values.keys()];
  const states = await objects.read(productPropertyStates, [], {
    ...{ productId, propertyId, objectId: depots.map(({ id }) => id) },
  });
  return states.map((state) =>
    fromHash(ProductPropertyState, { ...state, values: values.get(String(state["propertyId"])) ?? state["values"] }),
  );
}

/** Values as texts: those of an object, or the defaults of the product. (methods 16.3) */
async function propertiesHash(call: Call, productId: unknown, objectId: unknown): Promise<Record<string, string>> {
  if (!objectId) {
    const definitions = inVersionOrder(await call.objects.read(productProperties, [], { productId }));
    return Object.fromEntries(definitions.map((each) => [each["propertyId"], joinedValues(each["defaultValues"])]));
  }
  const values = await productPropertyValues(call, [productId], [], [objectId]);
  const ofProduct = [...values.values()].flatMap((ofObject) => [...ofObject.values()])[0] ?? new Map();
  return Object.fromEntries([...ofProduct].map(([propertyId, list]) => [propertyId, joinedValues(list)]));
}

export const productPropertyMethods: readonly Method[] = [
  {
    name: "setProductProperty",
    doc: "Sets a property of a product for an object, or for all depots that have a value.",
    parameters: parameters("productId propertyId value objectId=None"),
    access: "objects",
    run: (call, productId, propertyId, value, objectId) =>
      setProperties(call, productId, { [String(propertyId)]: value }, objectId),
  },
  {
    name: "setProductProperties",
    doc: "Sets properties of a product for an object, or for all depots that have values.",
    parameters: parameters("productId properties objectId=None"),
    access: "objects",
    run: setProperties,
  },
  ...legacyMethods({
    getProductProperties_hash: {
      signature: "productId objectId=None",
      doc: "Properties of a product as texts: the values of an object, or the defaults.",
      run: propertiesHash,
    },
  }),
];
