import { OpsiError, rule } from "@opsi-ts/model";
import { compareVersions } from "@opsi-ts/opsi-package";
import type { Definition } from "../config/config-values.ts";
import type { Context } from "../context.ts";
import { matcher } from "../selection/name-list.ts";

export interface Property extends Definition, Record<string, unknown> {
  readonly productId: string;
  readonly propertyId: string;
  readonly productVersion: string;
  readonly packageVersion: string;
  readonly description: string | null;
}

export const productArgument = {
  product: { flags: "<product>", doc: "product id", parse: rule.productId.coerce },
} as const;

/**
 * The properties of a product, of all versions that there are, the newest last.
 *
 * @param patterns names, `*` is a wildcard
 * @throws OpsiError BackendMissingDataError if the product has none of them
 */
export async function productProperties(
  { call }: Pick<Context, "call">,
  productId: string,
  patterns: readonly string[],
): Promise<Property[]> {
  const properties = await call<Property[]>("productProperty_getObjects", [[], { productId }]);
  const fits = matcher(patterns);
  const found = properties
    .filter(({ propertyId }) => fits(propertyId))
    .sort((a, b) => compareVersions(versionOf(a), versionOf(b)));
  if (found.length > 0) return found;
  throw new OpsiError("BackendMissingDataError", `The product '${productId}' has no property '${patterns.join(", ")}'`);
}

export const versionOf = ({ productVersion, packageVersion }: Property) => `${productVersion}-${packageVersion}`;
