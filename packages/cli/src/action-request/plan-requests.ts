import type { Product } from "../selection/products.ts";

export const actionRequests = ["setup", "uninstall", "update", "always", "once", "custom", "none"] as const;
export type ActionRequest = (typeof actionRequests)[number];

export interface ProductOnDepot {
  readonly productId: string;
  readonly depotId: string;
  readonly productVersion: string;
  readonly packageVersion: string;
}

export interface ProductOnClient {
  readonly type?: string;
  readonly productId: string;
  readonly productType: string;
  readonly clientId: string;
  readonly actionRequest?: string | null;
  readonly installationStatus?: string | null;
  readonly actionResult?: string | null;
  readonly productVersion?: string | null;
  readonly packageVersion?: string | null;
}

export interface PlanInput {
  /** Client to its depot. */
  readonly depotOf: ReadonlyMap<string, string>;
  readonly products: readonly Product[];
  readonly onDepots: readonly ProductOnDepot[];
  readonly onClients: readonly ProductOnClient[];
  readonly request: ActionRequest;
  readonly whereOutdated: boolean;
  readonly whereFailed: boolean;
}

export interface Plan {
  readonly requests: readonly ProductOnClient[];
  /** Combinations that were left out, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
}

/**
 * Decides for each client and product whether the request is set. Pure. (packages §6.2, set-action-request)
 *
 * With a `where` condition an existing request is kept; without, it is overwritten.
 */
export function planRequests(input: PlanInput): Plan {
  const { depotOf, products, onDepots, onClients, request, whereFailed, whereOutdated } = input;
  const byVersion = new Map(products.map((product) => [`${product.id};${versionOf(product)}`, product]));
  const ids = [...new Set(products.map(({ id }) => id))];
  const depotVersions = new Map(onDepots.map((entry) => [`${entry.depotId};${entry.productId}`, entry]));
  const states = new Map(onClients.map((entry) => [`${entry.clientId};${entry.productId}`, entry]));
  const requests: ProductOnClient[] = [];
  const skipped = new Map<string, number>();
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  for (const [clientId, depotId] of depotOf) {
    for (const productId of ids) {
      const onDepot = depotVersions.get(`${depotId};${productId}`);
      const product = onDepot && byVersion.get(`${productId};${versionOf(onDepot)}`);
      const state = states.get(`${clientId};${productId}`);
      if (onDepot === undefined || product === undefined) {
        if (!(whereFailed || whereOutdated)) skip(`'${productId}' is not on depot '${depotId}'`);
        continue;
      }
      if (whereFailed || whereOutdated) {
        const failed = whereFailed && state?.actionResult === "failed";
        const outdated =
          whereOutdated && state?.installationStatus === "installed" && versionOf(state) !== versionOf(onDepot);
        if (!failed && !outdated) continue;
        if ((state?.actionRequest ?? "none") !== "none") {
          skip(`'${productId}' has a request already`);
          continue;
        }
      }
      if (request !== "none" && !product[`${request}Script`]) {
        skip(`'${productId}' has no ${request} script`);
        continue;
      }
      requests.push({
        // Without its type the service would take the entry for a mere dictionary.
        type: "ProductOnClient",
        ...(state ?? { installationStatus: "not_installed" }),
        productId,
        productType: product.type,
        clientId,
        actionRequest: request,
      });
    }
  }
  return { requests, skipped };
}

function versionOf(entry: { productVersion?: string | null; packageVersion?: string | null }): string {
  return `${entry.productVersion ?? ""}-${entry.packageVersion ?? ""}`;
}
