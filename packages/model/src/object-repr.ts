import type { ObjectType } from "./object-type.ts";
import { pythonRepr, pythonString } from "./python-repr.ts";

/** What the original prints of an object, where it is not the ident. */
const printed: Readonly<Record<string, readonly string[]>> = {
  config: ["id", "description", "possibleValues", "defaultValues", "editable", "multiValue"],
  configState: ["configId", "objectId", "values"],
  group: ["id", "parentGroupId"],
  product: ["id", "name", "productVersion", "packageVersion"],
  productOnClient: ["clientId", "productId", "installationStatus", "actionRequest"],
  productPropertyState: ["productId", "propertyId", "objectId", "values"],
};

/** The original forgets the bracket at the end of these. */
const unclosed: ReadonlySet<string> = new Set(["group", "productDependency"]);

/** `<OpsiClient(id='pc1.example.org')>`, for messages about objects of a wrong type. (objects §3.1) */
export function objectRepr(type: ObjectType, object: Readonly<Record<string, unknown>>): string {
  const names = printed[type.prefix] ?? Object.keys(type.attributes).filter((name) => type.attributes[name]?.ident);
  const parts = names.map((name) => {
    const value = object[name];
    return `${name}=${Array.isArray(value) ? pythonRepr(value) : `'${pythonString(value ?? null)}'`}`;
  });
  return `<${type.name}(${parts.join(", ")}${unclosed.has(type.prefix) ? "" : ")"}>`;
}
