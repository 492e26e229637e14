import { isOpsiError } from "@opsi-ts/model";
import type { Caller } from "../configuration/read-from-service.ts";
import type { EventOptions } from "../events/event-configuration.ts";

export interface ProductRequest {
  readonly productId: string;
  readonly actionRequest: string;
  readonly actionSequence: number;
}

const requests: ReadonlySet<string> = new Set(["setup", "uninstall", "update", "always", "once", "custom"]);
/** Without `always`, which never ends. */
export const endingRequests = ["setup", "uninstall", "update", "once", "custom"];

/** Which products an event is about; null: all that have a request. (agent §4.4) */
export interface ProductFilter {
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  /** A list of the administrator that counts whether there are requests or not. */
  readonly fixed: boolean;
}

export async function productFilter(
  service: Caller,
  options: EventOptions,
  productIds: readonly string[] | null,
): Promise<ProductFilter> {
  const { action_processor_productids: fixed } = options;
  if (fixed.length > 0) return { include: fixed, exclude: [], fixed: true };
  if (productIds !== null && productIds.length > 0) return { include: productIds, exclude: [], fixed: false };
  const include = await productsOfGroups(service, options.include_product_group_ids);
  const exclude = await productsOfGroups(service, options.exclude_product_group_ids);
  return { include: include.length === 0 ? null : include, exclude, fixed: false };
}

/** Requests of this client in the order in which they have to be worked off. (agent §4.4, §5.5) */
export async function readRequests(
  service: Caller,
  hostId: string,
  { include, exclude, fixed }: ProductFilter,
): Promise<ProductRequest[]> {
  if (fixed)
    return (include ?? []).map((productId, index) => ({ productId, actionRequest: "setup", actionSequence: index }));
  const filter = { clientId: hostId, productType: "LocalbootProduct" };
  const objects = await withSequence(service, filter);
  return objects
    .filter(({ productId, actionRequest }) => {
      return requests.has(actionRequest) && (include?.includes(productId) ?? true) && !exclude.includes(productId);
    })
    .sort((one, other) => one.actionSequence - other.actionSequence);
}

/** True if none of these products has a request that will end. */
export async function areRequestsDone(
  service: Caller,
  hostId: string,
  productIds: ReadonlySet<string>,
): Promise<boolean> {
  const left = await service.call<{ productId: string }[]>("productOnClient_getIdents", [
    "dict",
    { productType: "LocalbootProduct", clientId: hostId, actionRequest: endingRequests },
  ]);
  return !left.some(({ productId }) => productIds.has(productId));
}

/** Services before 4.3 do not know the sequence; there the action processor puts the products in order. */
async function withSequence(service: Caller, filter: Record<string, unknown>): Promise<ProductRequest[]> {
  try {
    return await service.call<ProductRequest[]>("productOnClient_getObjectsWithSequence", [[], filter]);
  } catch (error) {
    if (!isOpsiError(error, "ValueError") || !/Invalid method/.test(error.message)) throw error;
    const attributes = ["actionRequest", "productVersion", "packageVersion"];
    return service.call<ProductRequest[]>("productOnClient_getObjects", [attributes, filter]);
  }
}

/** Products that are in any of these groups. */
export async function productsOfGroups(service: Caller, groupIds: readonly string[]): Promise<string[]> {
  if (groupIds.length === 0) return [];
  const members = await service.call<{ objectId: string }[]>("objectToGroup_getObjects", [
    [],
    { groupType: "ProductGroup", groupId: groupIds },
  ]);
  return members.map(({ objectId }) => objectId);
}
