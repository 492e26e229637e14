import type { Context } from "../context.ts";
import type { ProductOnClient } from "./plan-requests.ts";

/**
 * Sets a request on the clients of a depot that have the product: what `opsi-package-manager -S/-U/-s` does.
 * (packages §3.4 step 7)
 *
 * @returns number of clients
 */
export async function setWhereInstalled(
  { call }: Pick<Context, "call">,
  depotId: string,
  productId: string,
  request: "setup" | "update",
  options: { dependencies: boolean },
): Promise<number> {
  const pairs = await call<{ clientId: string }[]>("configState_getClientToDepotserver", [[depotId]]);
  const clientId = pairs.map((pair) => pair.clientId);
  if (clientId.length === 0) return 0; // an empty list would mean all clients
  const installed = await call<ProductOnClient[]>("productOnClient_getObjects", [
    [],
    { clientId, productId, installationStatus: "installed" },
  ]);
  if (installed.length === 0) return 0;
  const wanted = installed.map((entry) => ({ ...entry, actionRequest: request }));
  const method = options.dependencies
    ? "productOnClient_updateObjectsWithDependencies"
    : "productOnClient_updateObjects";
  await call(method, [wanted]);
  return installed.length;
}
