import type { OpsiObject } from "@opsi-ts/model";

/** A product in the version that is on the depot. */
export interface DepotProduct {
  readonly id: string;
  readonly productType: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  readonly priority: number;
  readonly scripts: ReadonlySet<string>;
  readonly dependencies: readonly ProductDependency[];
}

export interface ProductDependency {
  readonly productAction: string;
  readonly requiredProductId: string;
  readonly requiredProductVersion: string | null;
  readonly requiredPackageVersion: string | null;
  readonly requiredAction: string | null;
  readonly requiredInstallationStatus: string | null;
  readonly requirementType: string | null;
}

/** The products of one depot by id: those of which ProductOnDepot and Product of exactly that version exist. */
export type DepotProducts = ReadonlyMap<string, DepotProduct>;

/** Attributes of Product that the sequence looks at. */
export const productAttributes = [
  "priority",
  "setupScript",
  "updateScript",
  "alwaysScript",
  "onceScript",
  "customScript",
  "uninstallScript",
] as const;

const version = (object: OpsiObject, id: string) => `${id};${object["productVersion"]};${object["packageVersion"]}`;

/** Puts together what was read of a depot's products. */
export function depotProducts(
  productsOnDepot: readonly OpsiObject[],
  products: readonly OpsiObject[],
  dependencies: readonly OpsiObject[],
): DepotProducts {
  const byVersion = new Map(products.map((product) => [version(product, String(product["id"])), product]));
  const dependenciesOf = Map.groupBy(dependencies, (dependency) =>
    version(dependency, String(dependency["productId"])),
  );
  const found = new Map<string, DepotProduct>();
  for (const onDepot of productsOnDepot) {
    const id = String(onDepot["productId"]);
    const key = version(onDepot, id);
    const product = byVersion.get(key);
    if (!product) continue;
    const scripts = productAttributes.filter((name) => name.endsWith("Script") && Boolean(product[name]));
    found.set(id, {
      id,
      productType: String(onDepot["productType"]),
      productVersion: String(onDepot["productVersion"]),
      packageVersion: String(onDepot["packageVersion"]),
      priority: Number(product["priority"] ?? 0),
      scripts: new Set(scripts.map((name) => name.slice(0, -"Script".length))),
      dependencies: (dependenciesOf.get(key) ?? []) as unknown as readonly ProductDependency[],
    });
  }
  return found;
}
