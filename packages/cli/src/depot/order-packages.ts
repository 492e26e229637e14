import { OpsiError } from "@opsi-ts/model";
import { type PackageDependency, versionFulfills } from "@opsi-ts/opsi-package";

export interface Dependent {
  readonly productId: string;
  readonly version: string;
  readonly dependencies: readonly PackageDependency[];
}

/**
 * Puts every package behind those of the list that it depends on; else the order stays as typed. (packages §3.4, §3.6)
 *
 * @throws OpsiError ValueError for packages that depend on each other, and for a product given twice
 */
export function orderPackages<P extends Dependent>(packages: readonly P[]): P[] {
  const byId = new Map<string, P>();
  for (const one of packages) {
    if (byId.has(one.productId)) throw new OpsiError("ValueError", `'${one.productId}' is given twice`);
    byId.set(one.productId, one);
  }
  const ordered: P[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (one: P, path: readonly string[]) => {
    const known = state.get(one.productId);
    if (known === "done") return;
    if (known === "open") {
      const circle = [...path.slice(path.indexOf(one.productId)), one.productId].join(" -> ");
      throw new OpsiError("ValueError", `Packages depend on each other: ${circle}`);
    }
    state.set(one.productId, "open");
    for (const { package: id } of one.dependencies) {
      const other = byId.get(id);
      if (other !== undefined) visit(other, [...path, one.productId]);
    }
    state.set(one.productId, "done");
    ordered.push(one);
  };
  for (const one of packages) visit(one, []);
  return ordered;
}

/**
 * What a depot would lack when the packages are installed in this order: one sentence each. A depot finds out only
 * after it has locked the product, so we look first. (packages §3.3 step 6)
 *
 * @param installed product id to version on the depot
 */
export function unmetDependencies(ordered: readonly Dependent[], installed: ReadonlyMap<string, string>): string[] {
  const there = new Map(installed);
  const unmet: string[] = [];
  for (const { productId, version, dependencies } of ordered) {
    for (const { package: id, condition, version: wanted } of dependencies) {
      const found = there.get(id);
      const needs = wanted === null ? `'${id}'` : `'${id}' (${condition ?? "="} ${wanted})`;
      if (found === undefined) unmet.push(`'${productId}' needs ${needs}, which is neither given nor installed`);
      else if (wanted !== null && !versionFulfills(found, condition ?? "=", wanted)) {
        unmet.push(`'${productId}' needs ${needs}, but there is ${found}`);
      }
    }
    there.set(productId, version);
  }
  return unmet;
}
