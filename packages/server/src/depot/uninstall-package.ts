import { OpsiError, type OpsiObject, rule } from "@opsi-ts/model";
import type { Depot } from "./depot.ts";
import type { DataAccess } from "./depot-data.ts";
import { removeProductFolder } from "./product-folder.ts";

/** Parameters of `depot_uninstallPackage` as they come from callers: texts such as `"False"` are understood. */
export interface UninstallOptions {
  readonly force?: unknown;
  readonly deleteFiles?: unknown;
}

const inUseConfig = "allow_to_remove_package_in_use";

/**
 * Takes a product off this depot (packages 3.5). Nothing of the package runs; the product's data and states stay.
 *
 * @throws BackendError that names the product, the depot and the cause
 */
export async function uninstallPackage(depot: Depot, product: string, options: UninstallOptions = {}): Promise<void> {
  const productId = rule.productId.coerce(product);
  if ((await depot.data.read("host", { id: depot.id })).length === 0) {
    throw new OpsiError("RuntimeError", "Not a depotserver");
  }
  try {
    await uninstall(depot, productId, options);
    depot.log.info({ product: productId, depot: depot.id }, "product uninstalled");
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    depot.log.error({ product: productId, depot: depot.id, error: cause }, "uninstallation failed");
    throw new OpsiError("BackendError", `Failed to uninstall product '${productId}' on depot '${depot.id}': ${cause}`, {
      cause: error,
    });
  }
}

async function uninstall(depot: Depot, productId: string, options: UninstallOptions): Promise<void> {
  const { data, folders } = depot;
  const isForced = rule.bool.coerce(options.force ?? false);
  const clientIds = await data.clientsOf(depot.id);
  const onDepot = await data.transaction(async (each) => {
    await releaseClients(each, clientIds, productId, isForced);
    return await lock(each, depot.id, productId, isForced);
  });
  if (rule.bool.coerce(options.deleteFiles ?? true)) await removeProductFolder(folders.depot, productId);
  await data.remove("productOnDepot", [onDepot]);
}

/** Nobody waits any longer for a product that will be gone; or, if the site wants it so, it must not go. (steps 1-3) */
async function releaseClients(
  data: DataAccess,
  clientIds: readonly string[],
  productId: string,
  isForced: boolean,
): Promise<void> {
  if (clientIds.length === 0) return;
  const onClients = await data.read("productOnClient", { productId, clientId: clientIds });
  const installed = onClients.filter(({ installationStatus }) => installationStatus === "installed");
  const pending = onClients.filter(({ actionRequest }) => actionRequest && actionRequest !== "none");
  if (await mayRemoveInUse(data)) {
    await data.update(
      "productOnClient",
      pending.map((onClient) => ({ ...onClient, actionRequest: "none" })),
    );
  } else if ((installed.length > 0 || pending.length > 0) && !isForced) {
    throw new OpsiError(
      "BackendReferentialIntegrityError",
      `Product '${productId}' currently installed on ${installed.length} clients ` +
        `action requests set on ${pending.length} clients, use argument 'force' to ignore`,
    );
  }
}

async function mayRemoveInUse(data: DataAccess): Promise<boolean> {
  const [config] = await data.read("config", { id: inUseConfig });
  const values = config?.["defaultValues"];
  return Array.isArray(values) && values.length > 0 ? rule.bool.coerce(values[0]) : true;
}

/** (steps 4-6) */
async function lock(data: DataAccess, depotId: string, productId: string, isForced: boolean): Promise<OpsiObject> {
  const [onDepot] = await data.read("productOnDepot", { depotId, productId });
  if (!onDepot) {
    throw new OpsiError("BackendBadValueError", `Product '${productId}' is not installed on depot '${depotId}'`);
  }
  if (onDepot["locked"] && !isForced) {
    throw new OpsiError(
      "BackendTemporaryError",
      `Product '${productId}' currently locked on depot '${depotId}', use argument 'force' to ignore`,
    );
  }
  await data.update("productOnDepot", [{ ...onDepot, locked: true }]);
  return onDepot;
}
