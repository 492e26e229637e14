import type { OpsiObject } from "@opsi-ts/model";

const versions = ["id", "productId", "productVersion", "packageVersion"];

/**
 * Objects of several product versions in the order of a primary key of text: where only one can be answered, the first
 * is taken, and programs rely on it being the same every time.
 */
export function inVersionOrder(objects: readonly OpsiObject[]): OpsiObject[] {
  return objects.toSorted((a, b) => {
    for (const name of versions) {
      const [left, right] = [String(a[name] ?? ""), String(b[name] ?? "")];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}
