import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@opsi-ts/logging";
import { isOpsiError, OpsiError, rule } from "@opsi-ts/model";
import { ServiceClient } from "@opsi-ts/protocol";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import { readContentList } from "../product-cache/content-list.ts";
import { removeCachedProduct, synchronizeProduct } from "../product-cache/synchronize-product.ts";
import { agentVersion, verification } from "../service/service-link.ts";
import { isAway } from "../service/service-trouble.ts";
import type { Depot } from "./select-depot.ts";

const progressMilliseconds = 10_000;

export interface FetchedProducts {
  /** In the order in which they were asked for. */
  readonly ready: readonly string[];
  readonly failed: ReadonlyMap<string, unknown>;
}

export function cacheFolder(configuration: AgentConfiguration): string {
  return join(configuration.text("cache_service.storage_dir"), "depot");
}

const workFolder = (configuration: AgentConfiguration) => join(configuration.text("cache_service.storage_dir"), "tmp");

/**
 * Brings products from the depot into the cache, one after the other. One that fails does not hold up the others,
 * unless the depot is away: then none of the rest can be had.
 *
 * @param needed products that must not make room for these
 */
export async function fetchProducts(
  productIds: readonly string[],
  depot: Depot,
  service: ServiceClient,
  configuration: AgentConfiguration,
  log: Log,
  signal: AbortSignal,
  needed: readonly string[] = productIds,
): Promise<FetchedProducts> {
  await using opened =
    depot.origin === null || depot.origin === service.origin
      ? null
      : await connectDepot(depot.origin, configuration, log, signal);
  const files = opened ?? service;
  const ready: string[] = [];
  const failed = new Map<string, unknown>();
  for (const given of productIds) {
    try {
      const productId = String(rule.productId.coerce(given));
      await makeRoom(productId, new Set(needed), configuration, log);
      const bytes = await synchronizeProduct(productId, {
        depot: files,
        depotPath: depot.path,
        cacheFolder: cacheFolder(configuration),
        workFolder: workFolder(configuration),
        log,
        signal,
        onProgress: progressLog(productId, log),
      });
      log.info({ productId, bytes }, "product is in the cache");
      ready.push(productId);
    } catch (error) {
      signal.throwIfAborted();
      if (isAway(error)) throw error;
      log.error({ productId: given, err: error }, "product cannot be fetched");
      failed.set(given, error);
    }
  }
  return { ready, failed };
}

/** A line now and then, for whoever wonders why nothing happens. */
function progressLog(productId: string, log: Log): (received: number, total: number) => void {
  let last = Date.now();
  return (received, total) => {
    if (Date.now() - last < progressMilliseconds) return;
    last = Date.now();
    log.info({ productId, percent: Math.floor((100 * received) / total), bytes: received }, "product is being fetched");
  };
}

async function connectDepot(
  url: string,
  configuration: AgentConfiguration,
  log: Log,
  signal: AbortSignal,
): Promise<ServiceClient> {
  return ServiceClient.connect({
    url,
    username: configuration.text("global.host_id"),
    password: configuration.text("global.opsi_host_key"),
    ...verification(configuration, log),
    renewCa: false,
    userAgent: `opsiclientd/${agentVersion}`,
    signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
  });
}

/**
 * Removes products that are not needed now, those first that were fetched longest ago, while the cache is larger than
 * `product_cache_max_size`. Whether the product to come fits is known only when it is there. (agent §8.3)
 */
async function makeRoom(
  productId: string,
  needed: ReadonlySet<string>,
  configuration: AgentConfiguration,
  log: Log,
): Promise<void> {
  const limit = configuration.number("cache_service.product_cache_max_size");
  if (limit <= 0) return;
  const folder = cacheFolder(configuration);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const cached = await Promise.all(
    (await readdir(folder)).map(async (id) => {
      const list = join(folder, id, `${id}.files`);
      const fetched = await stat(list).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      return { id, fetched, bytes: await listedBytes(list) };
    }),
  );
  let used = cached.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { id, bytes } of cached.toSorted((one, other) => one.fetched - other.fetched)) {
    if (used <= limit) return;
    if (id === productId || needed.has(id)) continue;
    log.notice({ productId: id, bytes }, "product is removed from the full cache");
    await removeCachedProduct(id, folder, workFolder(configuration));
    used -= bytes;
  }
}

async function listedBytes(list: string): Promise<number> {
  try {
    const entries = readContentList(await readFile(list, "utf8"));
    return [...entries.values()].reduce((sum, entry) => sum + (entry.type === "file" ? entry.size : 0), 0);
  } catch {
    return 0; // incomplete: will be fetched or removed
  }
}

export async function clearCache(configuration: AgentConfiguration): Promise<void> {
  await rm(cacheFolder(configuration), { recursive: true, force: true });
  await rm(workFolder(configuration), { recursive: true, force: true });
}

/** What the service is told about a product that could not be fetched. (agent §8.3) */
export function fetchFailure(productId: string, clientId: string, error: unknown): Record<string, unknown> {
  const text =
    isOpsiError(error) || error instanceof OpsiError
      ? error.message
      : error instanceof Error
        ? error.message
        : String(error);
  return {
    productId,
    productType: "LocalbootProduct",
    clientId,
    actionProgress: `Cache failure: ${text}`.slice(0, 255),
    installationStatus: "unknown",
    actionResult: "failed",
    // The same bytes would come again until an administrator has seen to the depot.
    ...(text.includes("MD5sum mismatch") ? { actionRequest: "none" } : {}),
  };
}
