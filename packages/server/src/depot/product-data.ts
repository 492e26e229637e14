import { fromHash, identString, type OpsiObject, ProductPropertyState, rule } from "@opsi-ts/model";
import type { PackageControl } from "@opsi-ts/opsi-package";
import type { DataAccess } from "./depot-data.ts";

/** Values that the caller wants for properties of the depot, by property id. */
export type PropertyDefaults = ReadonlyMap<string, readonly unknown[]>;

/** Dependencies, properties and the depot's property states of a package, in place of the old ones (packages 3.3, 9-13). */
export async function writeProductData(
  data: DataAccess,
  depotId: string,
  { product, productDependencies, productProperties }: PackageControl,
  propertyDefaults: PropertyDefaults,
): Promise<void> {
  const { id: productId, productVersion, packageVersion } = product;
  const version = { productId, productVersion, packageVersion };
  await replaceObjects(data, "productDependency", version, productDependencies);
  await replaceObjects(data, "productProperty", version, productProperties.map(withoutLooseDefaults));
  const defaults = possibleDefaults(productProperties, propertyDefaults);

  await data.remove("productPropertyState", await data.read("productPropertyState", { productId, objectId: depotId }));
  const known = new Set((await data.read("productProperty", { productId })).map((property) => property["propertyId"]));
  const states = await data.read("productPropertyState", { productId });
  await data.remove(
    "productPropertyState",
    states.filter((state) => !known.has(state["propertyId"])),
  );
  await data.create(
    "productPropertyState",
    productProperties.map(({ propertyId, defaultValues }) =>
      fromHash(ProductPropertyState, {
        ...{ productId, propertyId, objectId: depotId },
        values: defaults.get(String(propertyId)) ?? defaultValues ?? [],
      }),
    ),
  );
}

/** Writes the objects and removes those of the same version that are no longer among them. */
async function replaceObjects(
  data: DataAccess,
  type: "productDependency" | "productProperty",
  version: Record<string, unknown>,
  objects: readonly OpsiObject[],
): Promise<void> {
  const existing = await data.read(type, version);
  await data.create(type, objects);
  const kept = new Set(objects.map(identString));
  await data.remove(
    type,
    existing.filter((object) => !kept.has(identString(object))),
  );
}

/**
 * A property of the INI form with a default but without possible values has no default in the data, only the depot's
 * state has it: values are stored as possible values, with a mark at those that are defaults. (packages 1.5)
 */
function withoutLooseDefaults(property: OpsiObject): OpsiObject {
  return listOf(property["possibleValues"]).length > 0 ? property : { ...property, defaultValues: [] };
}

/** Where only some values are possible, others are left out; when none is left, the package decides. (step 10) */
function possibleDefaults(properties: readonly OpsiObject[], wanted: PropertyDefaults): PropertyDefaults {
  const defaults = new Map(wanted);
  for (const { propertyId, editable, possibleValues, defaultValues } of properties) {
    const id = String(propertyId);
    const given = wanted.get(id);
    const possible = listOf(possibleValues);
    if (given === undefined || editable || possible.length === 0) continue;
    const left = given.filter((value) => possible.includes(value));
    defaults.set(id, left.length > 0 ? left : listOf(defaultValues));
  }
  return defaults;
}

/** Products of versions that are on no depot any more are removed, with all that hangs on them. (step 18) */
export async function removeUnusedProducts(data: DataAccess, productId: string): Promise<void> {
  const versionOf = (object: OpsiObject) => `${String(object["productVersion"])}-${String(object["packageVersion"])}`;
  const used = new Set((await data.read("productOnDepot", { productId })).map(versionOf));
  const products = await data.read("product", { id: productId });
  await data.remove(
    "product",
    products.filter((product) => !used.has(versionOf(product))),
  );
}

/** Values of clients that are not possible any more are adjusted or removed. (step 19) */
export async function adjustClientStates(
  data: DataAccess,
  clientIds: readonly string[],
  productId: string,
  properties: readonly OpsiObject[],
): Promise<void> {
  const limited = new Map(
    properties
      .filter(({ editable, possibleValues }) => !editable && listOf(possibleValues).length > 0)
      .map((property) => [String(property["propertyId"]), property]),
  );
  if (limited.size === 0 || clientIds.length === 0) return;
  const filter = { productId, propertyId: [...limited.keys()], objectId: clientIds };
  const changed: OpsiObject[] = [];
  const emptied: OpsiObject[] = [];
  for (const state of await data.read("productPropertyState", filter)) {
    const property = limited.get(String(state["propertyId"]));
    if (!property) continue;
    const given = listOf(state["values"]);
    const values = given.flatMap((value) => possibleValue(value, property));
    if (values.length === given.length && values.every((value, index) => value === given[index])) continue;
    if (values.length === 0) emptied.push(state);
    else changed.push(fromHash(ProductPropertyState, { ...state, values }));
  }
  await data.update("productPropertyState", changed);
  await data.remove("productPropertyState", emptied);
}

function possibleValue(value: unknown, property: OpsiObject): unknown[] {
  const possible = listOf(property["possibleValues"]);
  if (possible.includes(value)) return [value];
  if (property.type === "BoolProductProperty") return [rule.bool.coerce(value)];
  const same = possible.find((each) => String(each).toLowerCase() === String(value).toLowerCase());
  return same === undefined ? [] : [same];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
