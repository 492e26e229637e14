import { OpsiError } from "@opsi-ts/model";
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

/** Options and arguments that say whose property is meant. */
export const productArgument = { product: { flags: "<product>", doc: "product id" } } as const;

/**
 * The properties of a product, of all versions that depots have.
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
  const found = properties.filter(({ propertyId }) => fits(propertyId));
  if (found.length > 0) return found;
  throw new OpsiError("BackendMissingDataError", `The product '${productId}' has no property '${patterns.join(", ")}'`);
}
