import { statfs } from "node:fs/promises";
import { productsOnDepots } from "../../methods/families.ts";
import { type Check, literally, names, result, type StateName, versionOf, wantedDepots, worse } from "./check.ts";

/** Whether depots have the same versions of products. (monitoring 6.6) */
export const checkDepotSyncStatus: Check = async (call, parameters) => {
  const depots = await wantedDepots(call, parameters);
  const { strict, verbose } = parameters;
  const productIds = names(parameters, "productIds");
  const excluded = new Set(names(parameters, "exclude"));
  const filter = { depotId: literally(depots), ...(productIds.length > 0 ? { productId: literally(productIds) } : {}) };
  const isEmpty = Object.values(filter).some((values) => values.length === 0);
  const found = isEmpty ? [] : await call.storage.read(productsOnDepots, { filter });
  const byProduct = Map.groupBy(found, ({ productId }) => String(productId));
  const lines: string[] = [];
  let differing = 0;
  for (const [id, onDepots] of byProduct) {
    if (excluded.has(id)) continue;
    const versions = new Map(onDepots.map((one) => [String(one["depotId"]), versionOf(one)]));
    const isMissing = strict === true && depots.some((depotId) => !versions.has(depotId));
    if (!isMissing && new Set(versions.values()).size === 1) continue;
    differing++;
    lines.push(
      `product '${id}': ${depots.map((depot) => `${depot} (${versions.get(depot) ?? "not installed"}) \n`).join("")}`,
    );
  }
  if (differing === 0) return result("OK", `Syncstate ok for depots ${depots.join(", ")}`);
  const list = verbose === true ? `:\n${lines.join("")}` : "";
  return result("WARNING", `Differences found for ${differing} products${list}`);
};

/** Whether products are locked on depots. (monitoring 6.7) */
export const checkProductLocks: Check = async (call, parameters) => {
  const depots = await wantedDepots(call, parameters);
  const productIds = names(parameters, "productIds");
  const filter = {
    ...{ locked: true, depotId: literally(depots) },
    ...(productIds.length > 0 ? { productId: literally(productIds) } : {}),
  };
  const isEmpty = Object.values(filter).some((values) => Array.isArray(values) && values.length === 0);
  const locked = isEmpty ? [] : await call.storage.read(productsOnDepots, { filter });
  if (locked.length === 0) return result("OK", `No products locked on depots: ${depots.join(",")}`);
  const lines = locked.map(({ productId, depotId }) => `\nProduct ${productId} locked on depot ${depotId}`);
  return result("WARNING", `${locked.length} products are in locked state.${lines.join("")}`);
};

const gigabyte = 1024 ** 3;
/** Gigabytes that must be free. */
const leastFree = { warning: 5, critical: 1 };

/** Whether there is room for packages. (monitoring 6.10) */
export const checkOpsiDiskUsage: Check = async ({ site }, parameters) => {
  const { depot, repository, workbench } = site.folders;
  const folders = new Map(Object.entries({ depot, repository, workbench }));
  const given = names(parameters, "resource");
  let state: StateName = "OK";
  const parts: string[] = [];
  for (const name of given.length > 0 ? given : folders.keys()) {
    const folder = folders.get(name);
    if (folder === undefined) continue;
    const { bavail, bsize } = await statfs(folder);
    const free = (bavail * bsize) / gigabyte;
    const available = `${free.toFixed(2)}GB`;
    if (free <= leastFree.critical) {
      state = worse(state, "CRITICAL");
      parts.push(`DiskUsage from ressource: '${name}' is critical (available: ${available}).`);
    } else if (free <= leastFree.warning) {
      state = worse(state, "WARNING");
      parts.push(`DiskUsage warning from ressource: '${name}' (available: ${available}).`);
    } else {
      parts.push(`DiskUsage from ressource '${name}' is ok. (available:  ${available}).`);
    }
  }
  if (parts.length === 0) return result("UNKNOWN", "No disk usage results, nothing to check.");
  return result(state, parts.join(" "));
};
