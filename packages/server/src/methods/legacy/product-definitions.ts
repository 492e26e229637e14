import {
  type Family,
  forceList,
  fromHash,
  OpsiError,
  type OpsiObject,
  ProductDependency,
  ProductPropertyState,
  pythonString,
  rule,
  UnicodeProductProperty,
} from "@opsi-ts/model";
import type { Filter } from "../../backends/storage.ts";
import { emptyAsNull, filterValues } from "../arguments.ts";
import type { Call } from "../declare.ts";
import { productDependencies, productProperties, productPropertyStates, productsOnDepots } from "../families.ts";
import { depotIds } from "./find-host.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { joinedValues } from "./legacy-values.ts";
import { inVersionOrder } from "./version-order.ts";

type Hash = Record<string, unknown>;

const version = ({ productId, productVersion, packageVersion }: Hash) =>
  `${productId};${productVersion};${packageVersion}`;

/** The depots that are meant: those given, or all. */
async function chosenDepots(call: Call, given: unknown): Promise<string[]> {
  const chosen = filterValues(given);
  return chosen.length > 0 ? chosen.map(rule.hostId.coerce) : depotIds(call);
}

/** The versions of products that depots have. */
async function onDepots({ objects }: Call, depots: readonly string[], productId?: unknown): Promise<OpsiObject[]> {
  if (depots.length === 0) return [];
  return objects.read(productsOnDepots, [], { depotId: depots, ...(productId ? { productId } : {}) });
}

/** Property definitions as forms need them, by product. (methods 16.3) */
async function definitions(call: Call, productId: unknown, depotId: unknown): Promise<Map<string, Hash[]>> {
  const { objects } = call;
  const depots = depotId ? [rule.hostId.coerce(depotId)] : await depotIds(call);
  const versions = new Set((await onDepots(call, depots, productId)).map(version));
  const found = await objects.read(productProperties, [], productId ? { productId } : {});
  const states = depotId
    ? await objects.read(productPropertyStates, [], { objectId: depots, ...(productId ? { productId } : {}) })
    : [];
  const stateOf = new Map(states.map((state) => [`${state["productId"]};${state["propertyId"]}`, state["values"]]));
  const byProduct = new Map<string, Map<string, Hash>>();
  for (const property of inVersionOrder(found)) {
    if (!versions.has(version(property))) continue;
    const [id, name] = [String(property["productId"]), String(property["propertyId"])];
    const ofProduct = byProduct.get(id) ?? new Map<string, Hash>();
    byProduct.set(id, ofProduct);
    if (!ofProduct.has(name)) ofProduct.set(name, definition(property, stateOf.get(`${id};${name}`)));
  }
  return new Map([...byProduct].map(([id, ofProduct]) => [id, [...ofProduct.values()]]));
}

function definition({ propertyId, description, possibleValues, defaultValues, editable }: OpsiObject, state: unknown) {
  const possible = Array.isArray(possibleValues) ? possibleValues.map(pythonString) : [];
  return {
    name: propertyId,
    description: description ?? "",
    values: !editable || possible.length > 1 ? possible : [],
    default: joinedValues(state ?? defaultValues),
  };
}

/** Deletes what belongs to the versions of a product that depots have. */
async function deleteOfVersions(
  call: Call,
  family: Family,
  product: unknown,
  depots: unknown,
  filter: Filter = {},
): Promise<null> {
  const productId = rule.productId.coerce(product);
  const versions = new Set((await onDepots(call, await chosenDepots(call, depots), productId)).map(version));
  const idents = await call.objects.readIdents(family, { ...filter, productId });
  const meant = idents.filter((ident) => versions.has(version(ident)));
  if (meant.length > 0) await call.objects.remove(family, meant);
  return null;
}

async function createDefinition(call: Call, ...values: unknown[]): Promise<null> {
  const [product, name, description, defaultValue, possibleValues, depots] = values;
  const productId = rule.productId.coerce(product);
  const found = await onDepots(call, await chosenDepots(call, depots), productId);
  const defaultValues = filterValues(defaultValue);
  const possible = filterValues(possibleValues);
  const properties = found.map(({ productVersion, packageVersion }) =>
    fromHash(UnicodeProductProperty, {
      ...{ productId, productVersion, packageVersion, propertyId: name, description, defaultValues },
      ...{ possibleValues: possible.length > 0 ? possible : defaultValues, editable: possible.length === 0 },
      multiValue: false,
    }),
  );
  if (properties.length === 0) return null;
  const states = found.map(({ depotId }) =>
    fromHash(ProductPropertyState, { productId, propertyId: name, objectId: depotId, values: defaultValues }),
  );
  await call.objects.transaction(async (objects) => {
    await objects.write(productProperties, properties, "insert", "createObjects");
    await objects.write(productPropertyStates, states, "insert", "createObjects");
  });
  return null;
}

async function dependencies(call: Call, productId: unknown, depotId: unknown): Promise<Hash[]> {
  const found = await call.objects.read(productDependencies, [], productId ? { productId } : {});
  const versions = depotId
    ? new Set((await onDepots(call, [rule.hostId.coerce(depotId)], productId)).map(version))
    : null;
  return found
    .filter((dependency) => versions === null || versions.has(version(dependency)))
    .map((dependency) => ({
      productId: dependency["productId"],
      action: dependency["productAction"] ?? "",
      requiredProductId: dependency["requiredProductId"] ?? "",
      requiredProductClassId: "",
      requiredAction: dependency["requiredAction"] ?? "",
      requiredInstallationStatus: dependency["requiredInstallationStatus"] ?? "",
      requirementType: dependency["requirementType"] ?? "",
    }));
}

async function createDependency(call: Call, ...values: unknown[]): Promise<null> {
  const [product, productAction, requiredProductId, , requiredAction, requiredInstallationStatus] = values;
  const [requirementType, depots] = values.slice(6);
  const productId = rule.productId.coerce(product);
  const found = await onDepots(call, await chosenDepots(call, depots), productId);
  const created = found.map(({ productVersion, packageVersion }) =>
    fromHash(ProductDependency, {
      ...{ productId, productVersion, packageVersion, productAction, requiredProductId },
      requiredAction: emptyAsNull(requiredAction),
      requiredInstallationStatus: emptyAsNull(requiredInstallationStatus),
      requirementType: emptyAsNull(requirementType),
    }),
  );
  if (created.length > 0) await call.objects.write(productDependencies, created, "insert", "createObjects");
  return null;
}

function deleteDependency(call: Call, ...values: unknown[]): Promise<null> {
  const [product, action, requiredProductId, , , depots] = values;
  return deleteOfVersions(call, productDependencies, product, depots, {
    ...(action ? { productAction: action } : {}),
    ...(requiredProductId ? { requiredProductId } : {}),
  });
}

async function setLock(call: Call, productId: unknown, given: unknown, locked: boolean): Promise<null> {
  const id = rule.productId.coerce(productId);
  const depots = filterValues(given).map(rule.hostId.coerce);
  const filter = depots.length > 0 ? { productId: id, depotId: depots } : { productId: id };
  const found = await call.objects.read(productsOnDepots, [], filter);
  if (found.length === 0) {
    throw new OpsiError("BackendMissingDataError", `Product '${id}' not found on given depots`, { field: "productId" });
  }
  const changed = found.map((onDepot) => ({ ...onDepot, locked }));
  await call.objects.write(productsOnDepots, changed, "merge", "updateObjects");
  return null;
}

async function locks({ objects }: Call, given: unknown): Promise<Record<string, unknown[]>> {
  const depots = forceList(given ?? []).map(rule.hostId.coerce);
  const found = await objects.read(productsOnDepots, ["locked"], depots.length > 0 ? { depotId: depots } : {});
  const byProduct = Map.groupBy(
    found.filter(({ locked }) => locked === true),
    ({ productId }) => String(productId),
  );
  return Object.fromEntries([...byProduct].map(([id, list]) => [id, list.map(({ depotId }) => depotId)]));
}

/** Compares the versions on depots. @throws BackendMissingDataError without any depot */
async function synchronous(call: Call, given: unknown): Promise<boolean> {
  const depots = await depotIds(call, { id: filterValues(given) });
  if (depots.length === 0) throw new OpsiError("BackendMissingDataError", "No depots found", { field: "depotIds" });
  const ofDepots = Map.groupBy(await onDepots(call, depots), ({ depotId }) => String(depotId));
  const contents = depots.map((id) => (ofDepots.get(id) ?? []).map(version).sort().join("\n"));
  return contents.every((content) => content === contents[0]);
}

/** Properties, dependencies and locks of the products on depots. (methods 16.2, 16.3) */
export const productDefinitionMethods = [
  ...legacyMethods({
    getProductPropertyDefinitions_hash: {
      signature: "depotId=None",
      doc: "Properties of the products on a depot or on any.",
      alternative: "productProperty_getObjects",
      run: async (call, depotId) => Object.fromEntries(await definitions(call, null, depotId)),
    },
    getProductPropertyDefinitions_listOfHashes: {
      signature: "productId depotId=None",
      doc: "Properties of a product.",
      alternative: "productProperty_getObjects",
      run: async (call, productId, depotId) =>
        (await definitions(call, productId, depotId)).get(String(productId).toLowerCase()) ?? [],
    },
    deleteProductPropertyDefinition: {
      signature: "productId name depotIds=None",
      doc: "Deletes a property of the versions on depots.",
      alternative: "productProperty_deleteObjects",
      run: (call, productId, name, depots) =>
        deleteOfVersions(call, productProperties, productId, depots, { propertyId: name }),
    },
    deleteProductPropertyDefinitions: {
      signature: "productId depotIds",
      doc: "Deletes all properties of the versions on depots.",
      alternative: "productProperty_deleteObjects",
      run: (call, productId, depots) => deleteOfVersions(call, productProperties, productId, depots),
    },
    createProductPropertyDefinition: {
      signature: "productId name description=None defaultValue=None possibleValues=None depotIds=None",
      doc: "Creates a property for the versions on depots.",
      alternative: "productProperty_createObjects",
      run: createDefinition,
    },
    getProductDependencies_listOfHashes: {
      signature: "productId=None depotId=None",
      doc: "What products need.",
      alternative: "productDependency_getObjects",
      run: dependencies,
    },
    createProductDependency: {
      signature:
        "productId action requiredProductId='' requiredProductClassId='' requiredAction='' " +
        "requiredInstallationStatus='' requirementType='' depotIds=None",
      doc: "Creates a dependency for the versions on depots.",
      alternative: "productDependency_create",
      run: createDependency,
    },
    lockProduct: {
      signature: "productId depotIds=None",
      doc: "Locks a product on depots.",
      alternative: "productOnDepot_updateObjects",
      run: (call, productId, depots) => setLock(call, productId, depots, true),
    },
    unlockProduct: {
      signature: "productId depotIds=None",
      doc: "Unlocks a product on depots.",
      alternative: "productOnDepot_updateObjects",
      run: (call, productId, depots) => setLock(call, productId, depots, false),
    },
    getProductLocks_hash: {
      signature: "depotIds=None",
      doc: "Which products are locked on which depots.",
      alternative: "productOnDepot_getObjects",
      run: locks,
    },
    areDepotsSynchronous: {
      signature: "depotIds=None",
      doc: "Whether depots have the same products in the same versions.",
      result: "bool",
      alternative: "productOnDepot_getIdents",
      run: synchronous,
    },
  }),
  ...legacyMethods({
    deleteProductDependency: {
      signature: "productId action='' requiredProductId='' requiredProductClassId='' requirementType='' depotIds=None",
      doc: "Deletes dependencies of the versions on depots.",
      alternative: "productDependency_delete",
      run: deleteDependency,
    },
  }).map((method) => ({ ...method, access: "name" as const })),
];
