import { OpsiError } from "@opsi-ts/model";
import {
  actionRequests,
  type ProductOnClient,
  type ProductOnDepot,
  planRequests,
} from "../action-request/plan-requests.ts";
import { rows } from "../answer/answer.ts";
import { command } from "../command.ts";
import { clientSelection, selectClients } from "../selection/clients.ts";
import { productSelection, selectProducts } from "../selection/products.ts";
import { UsageError } from "../usage-error.ts";

/** Entries per call: enough to be quick, few enough to show progress and stay below the service's limits. */
const batchSize = 1000;

export default command({
  name: "client-action set-action-request",
  doc: "Set what is to happen to products on clients, dependencies included.",
  details:
    "Shows every request that was set, those for products that others depend on as well. A product without a script " +
    "for the request, or one that is not on the client's depot, is left out with a warning.",
  examples: [
    "opsi client-action set-action-request --clients pc1.example.org --products firefox --request setup",
    "opsi client-action set-action-request --groups floor2 --products 'office-*' --dry-run",
    "opsi client-action set-action-request --clients all --where-outdated",
  ],
  options: {
    ...clientSelection,
    ...productSelection,
    request: {
      flags: "--request <action>",
      doc: "what is to happen",
      choices: actionRequests,
      fallback: "setup",
      alias: "--request-type",
    },
    whereOutdated: { flags: "--where-outdated", doc: "only where another version is installed than on the depot" },
    whereFailed: { flags: "--where-failed", doc: "only where the last action failed" },
    dependencies: { flags: "--no-dependencies", doc: "only exactly these, not what they depend on" },
  },
  async run(context, options) {
    const { products: named, productGroups, request, whereFailed, whereOutdated, dependencies } = options;
    const conditional = whereFailed || whereOutdated;
    if (named === undefined && productGroups === undefined && !conditional) {
      throw new UsageError("Which products? Give --products, --product-groups, --where-outdated or --where-failed");
    }
    const clients = await selectClients(context, options);
    const products = await selectProducts(context, options, { everything: conditional });
    const productId = [...new Set(products.map(({ id }) => id))];
    const pairs = await context.call<{ clientId: string; depotId: string }[]>("configState_getClientToDepotserver", [
      [],
      clients,
    ]);
    const depotOf = new Map(pairs.map(({ clientId, depotId }) => [clientId, depotId]));
    const { requests, skipped } = planRequests({
      depotOf,
      products,
      onDepots: await context.call<ProductOnDepot[]>("productOnDepot_getObjects", [[], { productId }]),
      onClients: await context.call<ProductOnClient[]>("productOnClient_getObjects", [
        [],
        { clientId: clients, productId },
      ]),
      request,
      whereFailed,
      whereOutdated,
    });
    for (const [reason, times] of skipped) {
      context.warn(`${reason}${times > 1 ? ` (${times} clients)` : ""}, left out`);
    }
    if (requests.length === 0) {
      if (conditional) return rows([], ["clientId", "productId", "actionRequest"]);
      throw new OpsiError("BackendMissingDataError", "No request was set");
    }
    const method = context.dryRun
      ? dependencies
        ? "productOnClient_addDependencies"
        : null
      : dependencies
        ? "productOnClient_updateObjectsWithDependencies"
        : "productOnClient_updateObjects";
    if (context.dryRun) context.mayChange("set these requests:");
    const chosen = new Set(requests.map(({ clientId, productId: id }) => `${clientId};${id}`));
    const set: ProductOnClient[] = [];
    using progress = context.progress("Setting requests", { total: requests.length });
    for (const batch of batches(requests)) {
      const result = method === null ? null : await context.call<ProductOnClient[] | null>(method, [batch]);
      set.push(...(dependencies ? (result ?? []) : batch));
      progress.update(set.length);
    }
    progress.finish();
    const shown = set
      .filter((entry) => request === "none" || (entry.actionRequest ?? "none") !== "none")
      .map(({ clientId, productId: id, actionRequest }) => ({
        clientId,
        productId: id,
        actionRequest,
        reason: chosen.has(`${clientId};${id}`) ? "selected" : "dependency",
      }));
    return rows(shown, ["clientId", "productId", "actionRequest", "reason"]);
  },
});

/** All entries of a client stay together, because its dependencies are worked out together. */
function* batches(requests: readonly ProductOnClient[]): Generator<ProductOnClient[]> {
  let batch: ProductOnClient[] = [];
  for (const entry of requests) {
    if (batch.length >= batchSize && batch.at(-1)?.clientId !== entry.clientId) {
      yield batch;
      batch = [];
    }
    batch.push(entry);
  }
  if (batch.length > 0) yield batch;
}
