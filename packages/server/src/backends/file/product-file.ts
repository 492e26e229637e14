import type { OpsiObject } from "@opsi-ts/model";
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

/** Begins a comment with a text as it really is: this form of the control file loses blank lines, for one. */
const exactMark = ';= ["';

/** Texts that the form may change, of the product and of its properties. */
const texts = ["name", "description", "advice", "changelog"];

/** What the form may do to a text. Where more differs, somebody has edited it, and the comment is out of date. */
const loose = (text: unknown) =>
  String(text)
    .replace(/[\s\u200b]+/g, " ")
    .trim();

function readControl(text: string): PackageControl {
  const control = readIniControl(Buffer.from(text));
  let { product, productProperties } = control;
  for (const line of text.split("\n")) {
    const exact = line.startsWith(exactMark) ? parseExact(line.slice(2)) : null;
    if (!exact) continue;
    const [propertyId, name, value] = exact;
    const restored = (object: OpsiObject) =>
      loose(object[name]) === loose(value) ? { ...object, [name]: value } : object;
    if (propertyId === "") product = restored(product);
    else
      productProperties = productProperties.map((each) => (each["propertyId"] === propertyId ? restored(each) : each));
  }
  return { ...control, product, productProperties };
}

function parseExact(json: string): [propertyId: string, name: string, value: string] | null {
  try {
    const [propertyId, name, value]: unknown[] = JSON.parse(json);
    if (typeof propertyId !== "string" || typeof name !== "string" || typeof value !== "string") return null;
    return texts.includes(name) ? [propertyId, name, value] : null;
  } catch {
    return null;
  }
}

function writeControl(control: PackageControl): string {
  const text = writeIniControl(control);
  const again = readIniControl(Buffer.from(text));
  const before = [control.product, ...control.productProperties];
  const after = [again.product, ...again.productProperties];
  const comments = before.flatMap((object, index) =>
    texts
      .filter((name) => typeof object[name] === "string" && object[name] !== after[index]?.[name])
      .map((name) => `;= ${encodeJson([object["propertyId"] ?? "", name, object[name]])}\n`),
  );
  return comments.join("") + text;
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
