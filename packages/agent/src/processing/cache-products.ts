import { stat } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import type { AgentState } from "../state/agent-state.ts";
import { cacheFolder, fetchFailure, fetchProducts } from "./fetch-products.ts";
import type { ActionContext } from "./process-actions.ts";
import { productsOfGroups, readRequests } from "./product-requests.ts";
import { selectDepot } from "./select-depot.ts";
import { withTransferSlot } from "./transfer-slot.ts";

/** What is known about a product in the cache; kept in the state file. (agent §8.3) */
interface CachedProduct {
  readonly started: number;
  readonly completed: number | null;
  readonly failure: string | null;
  readonly productVersion: string;
  readonly packageVersion: string;
}

interface CacheState {
  readonly products_cached: boolean;
  readonly products: Readonly<Record<string, CachedProduct>>;
}

const stateName = "product_cache_service";

export function cacheState(state: AgentState): CacheState {
  return (state.get(stateName) as CacheState | null) ?? { products_cached: false, products: {} };
}

/**
 * Fetches what is requested so that a later event can install it without the depot. (agent §8.3)
 *
 * @returns true if all products are there
 * @throws OpsiError if one could not be fetched, after all others were tried
 */
export async function cacheProducts(context: ActionContext, signal: AbortSignal): Promise<boolean> {
  const { configuration, state, log } = context;
  const hostId = configuration.text("global.host_id");
  const service = await context.client();
  await state.set(stateName, { products_cached: false, products: {} });
  const include = await productsOfGroups(service, configuration.list("cache_service.include_product_group_ids"));
  const exclude = await productsOfGroups(service, configuration.list("cache_service.exclude_product_group_ids"));
  const requests = await readRequests(service, hostId, {
    include: include.length === 0 ? null : include,
    exclude,
    fixed: false,
  });
  if (requests.length === 0) {
    log.notice({}, "nothing to cache");
    return false;
  }
  const productIds = requests.map(({ productId }) => productId);
  const depot = await selectDepot(service, configuration, productIds, log);
  const versions = await service.call<{ productId: string; productVersion: string; packageVersion: string }[]>(
    "productOnDepot_getObjects",
    [["productId", "productVersion", "packageVersion"], { productId: productIds, depotId: depot.id }],
  );
  const states: Record<string, CachedProduct> = {};
  const note = async (productId: string, change: Partial<CachedProduct>, seen: Record<string, unknown>) => {
    const { productVersion = "", packageVersion = "" } =
      versions.find((version) => version.productId === productId) ?? {};
    const before = states[productId] ?? {
      started: now(),
      completed: null,
      failure: null,
      productVersion,
      packageVersion,
    };
    states[productId] = { ...before, ...change };
    await state.set(stateName, { products_cached: false, products: states });
    await service.call("productOnClient_updateObjects", [
      [{ productId, productType: "LocalbootProduct", clientId: hostId, ...seen }],
    ]);
  };
  let failures = 0;
  await withTransferSlot(service, depot.id, hostId, log, signal, async () => {
    for (const productId of productIds) {
      await note(productId, {}, { actionProgress: "caching" });
      const client = await context.client();
      const { failed } = await fetchProducts([productId], depot, client, configuration, log, signal, productIds);
      const error = failed.get(productId);
      if (error === undefined) await note(productId, { completed: now() }, { actionProgress: "cached" });
      else {
        failures++;
        const { actionProgress, ...seen } = fetchFailure(productId, hostId, error);
        await note(productId, { failure: String(actionProgress) }, { actionProgress, ...seen });
      }
    }
  });
  if (failures > 0)
    throw new OpsiError("OpsiServiceError", `${failures} of ${productIds.length} products could not be cached`);
  await state.set(stateName, { products_cached: true, products: states });
  log.notice({ products: productIds.join(" ") }, "products are cached");
  return true;
}

/** @throws OpsiError if one of these products is not whole in the cache (agent §8.3) */
export async function requireCached(
  productIds: readonly string[],
  { configuration, state }: ActionContext,
): Promise<void> {
  const { products } = cacheState(state);
  const missing: string[] = [];
  for (const id of productIds) {
    const list = join(cacheFolder(configuration), id, `${id}.files`);
    if (!products[id]?.completed || (await stat(list).catch(() => null)) === null) missing.push(id);
  }
  if (missing.length > 0) throw new OpsiError("RuntimeError", `Not in the product cache: ${missing.join(", ")}`);
}

const now = () => Math.floor(Date.now() / 1000);
