import type { OpsiObject } from "@opsi-ts/model";
import { type PackageControl, readIniControl, writeIniControl } from "@opsi-ts/opsi-package";
import type { Change, Contents } from "./contents.ts";

/*
 * products/ID_VERSION.localboot and .netboot: a product with its properties and dependencies, in the old form of a
 * control file. (storage 5.5, packages 1.5)
 */

export function readProductFile(text: string, contents: Contents): void {
  contents.add(0, () => {
    const control = readIniControl(Buffer.from(text));
    contents.objects.push(...control.productProperties, ...control.productDependencies);
    const { product } = control;
    return product.type === "NetbootProduct" ? { ...product, userLoginScript: null } : product;
  });
}

/** The text with the changes; null when the product is gone. */
export function changeProductFile(text: string | null, changes: readonly Change[]): string | null {
  let control = text === null ? null : readIniControl(Buffer.from(text));
  for (const { prefix, object } of changes) {
    if (prefix !== "product") continue;
    if (!object) return null;
    control = control ? { ...control, product: withLists(object, control.product) } : controlOf(object);
  }
  if (!control) throw new Error("A property or dependency without product");
  const { productProperties, productDependencies } = control;
  return writeIniControl({
    ...control,
    productProperties: changed(productProperties, changes, "productProperty"),
    productDependencies: changed(productDependencies, changes, "productDependency"),
  });
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
