import { isOpsiError, OpsiError, type OpsiObject } from "@opsi-ts/model";
import { type PackageControl, readIniControl, writeIniControl } from "@opsi-ts/opsi-package";
import type { Change, Contents } from "./contents.ts";
import { encodeJson } from "./ini-value.ts";

/*
 * products/ID_VERSION.localboot and .netboot: a product with its properties and dependencies, in the old form of a
 * control file. (storage 5.5, packages 1.5)
 */

export function readProductFile(text: string, contents: Contents): void {
  contents.add(0, () => {
    const control = readControl(text);
    contents.objects.push(...control.productProperties, ...control.productDependencies);
    const { product } = control;
    return product.type === "NetbootProduct" ? { ...product, userLoginScript: null } : product;
  });
}

/** The text with the changes; null when the product is gone. */
export function changeProductFile(text: string | null, changes: readonly Change[]): string | null {
  let control = text === null ? null : readControl(text);
  for (const { prefix, object } of changes) {
    if (prefix !== "product") continue;
    if (!object) return null;
    control = control ? { ...control, product: withLists(object, control.product) } : controlOf(object);
  }
  if (!control) throw new Error("A property or dependency without product");
  const { productProperties, productDependencies } = control;
  return writeControl({
    ...control,
    productProperties: changed(productProperties, changes, "productProperty"),
    productDependencies: changed(productDependencies, changes, "productDependency"),
  });
}

/** Begins a comment with a value as it really is: this form of the control file loses blank lines, for one. */
const exactMark = ';= ["';

/** Attributes of the product and of its properties that the form may change. */
const changeable = new Set([
  ...["name", "description", "advice", "changelog", "possibleValues", "defaultValues", "pxeConfigTemplate"],
  ...["setup", "uninstall", "update", "always", "once", "custom", "userLogin"].map((name) => `${name}Script`),
]);

function readControl(text: string): PackageControl {
  const shown = readIniControl(Buffer.from(text));
  const exact = text.split("\n").flatMap((line) => (line.startsWith(exactMark) ? parseExact(line.slice(2)) : []));
  if (exact.length === 0) return shown;
  const restored = mapObjects(shown, (object) => ({ ...object, ...valuesOf(object, exact) }));
  // Where the exact value would not be shown as it is, somebody has edited that, and the comment is out of date.
  const expected = objectsOf(readIniControl(Buffer.from(writeIniControl(restored))));
  let index = 0;
  return mapObjects(shown, (object) => {
    const would = expected[index++];
    const valid = exact.filter(([, name]) => would && same(would[name], object[name]));
    return { ...object, ...valuesOf(object, valid) };
  });
}

type ExactValue = readonly [propertyId: string, name: string, value: unknown];

const objectsOf = ({ product, productProperties }: PackageControl) => [product, ...productProperties];

function mapObjects(control: PackageControl, change: (object: OpsiObject) => OpsiObject): PackageControl {
  return { ...control, product: change(control.product), productProperties: control.productProperties.map(change) };
}

function valuesOf(object: OpsiObject, exact: readonly ExactValue[]): Record<string, unknown> {
  const own = exact.filter(([propertyId]) => propertyId === (object["propertyId"] ?? ""));
  return Object.fromEntries(own.map(([, name, value]) => [name, value]));
}

const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);

/** Empty for what is no such comment. */
function parseExact(json: string): ExactValue[] {
  try {
    const [propertyId, name, value]: unknown[] = JSON.parse(json);
    if (typeof propertyId !== "string" || typeof name !== "string" || !changeable.has(name)) return [];
    const isList = name.endsWith("Values") && Array.isArray(value) && value.every((each) => typeof each === "string");
    return isList || (!name.endsWith("Values") && typeof value === "string") ? [[propertyId, name, value]] : [];
  } catch {
    return [];
  }
}

function writeControl(control: PackageControl): string {
  checkCharacters([...objectsOf(control), ...control.productDependencies]);
  const text = writeIniControl(control);
  const shown = objectsOf(readAgain(text));
  const comments = objectsOf(control).flatMap((object, index) =>
    [...changeable]
      .filter((name) => name in object && object[name] !== null && !same(object[name], shown[index]?.[name]))
      .map((name) => `;= ${encodeJson([object["propertyId"] ?? "", name, object[name]])}\n`),
  );
  return comments.join("") + text;
}

/** @throws BackendBadValueError for a character with which the file would be none of text any more */
function checkCharacters(objects: readonly OpsiObject[]): void {
  for (const object of objects) {
    const name = Object.keys(object).find((each) =>
      [object[each]].flat().some((value) => String(value).includes("\0")),
    );
    if (name === undefined) continue;
    const message = `The file of a product cannot hold the NUL character of '${name}'`;
    throw new OpsiError("BackendBadValueError", message, { field: name });
  }
}

/** Nothing is written that could not be read: a dependency without any requirement, for one. */
function readAgain(text: string): PackageControl {
  try {
    return readIniControl(Buffer.from(text));
  } catch (cause) {
    if (!isOpsiError(cause)) throw cause;
    const message = `The file of a product cannot hold this: ${cause.message}`;
    throw new OpsiError("BackendBadValueError", message, { cause });
  }
}

const controlOf = (product: OpsiObject): PackageControl => ({
  product,
  productProperties: [],
  productDependencies: [],
  packageDependencies: [],
  changelog: null,
});

/** Classes and Windows ids stand in files only: the objects of the service do not have them. (storage 6.3) */
function withLists(product: OpsiObject, before: OpsiObject): OpsiObject {
  const { productClassIds, windowsSoftwareIds } = before;
  return { ...product, productClassIds, windowsSoftwareIds };
}

function changed(before: readonly OpsiObject[], changes: readonly Change[], prefix: string): OpsiObject[] {
  let objects = [...before];
  for (const { ident, object } of changes.filter((change) => change.prefix === prefix)) {
    const index = objects.findIndex((known) => Object.keys(ident).every((name) => known[name] === ident[name]));
    if (object && index >= 0) objects[index] = object;
    else if (object) objects.push(object);
    else objects = objects.filter((_known, position) => position !== index);
  }
  return objects;
}
