import { compareVersions } from "@opsi-ts/opsi-package";
import { Turn } from "../backends/turn.ts";
import type { Call } from "../methods/declare.ts";
import { clientToDepots } from "../methods/depot-assignment.ts";
import { productsOnClients as onClients, productsOnDepots } from "../methods/families.ts";
import { type Check, error, type Finding, limited, ok, warning } from "./check.ts";
import { checkedClients } from "./checked-clients.ts";
import { versionOf } from "./products-on-depots.ts";

/** Without them a client cannot be managed. */
const essential = new Set(["opsi-client-agent", "opsi-linux-client-agent", "opsi-mac-client-agent", "opsi-script"]);

export const productsOnClients: Check = {
  id: "products_on_clients",
  partId: "product_on_client",
  name: "Products on clients",
  description: "Clients that were there in the last 90 days and have an older version than their depot.",
  documentation: "Request an update: 'opsi client-action set-action-request --where-outdated'.",
  async run(call) {
    const offered = await offeredVersions(call);
    const depots = new Map((await clientToDepots(call)).map(({ clientId, depotId }) => [clientId, depotId]));
    const clients = new Set(await checkedClients(call));
    const found: [string, Finding][] = [];
    const turn = new Turn();
    // Product by product, as the rows lie in the table: all at once may be a million.
    for (const [productId, versions] of offered) {
      const installed = await call.storage.read(onClients, {
        attributes: ["productVersion", "packageVersion"],
        filter: { productId, installationStatus: "installed" },
      });
      for (const one of installed) {
        if (turn.isOver) await turn.pass();
        const [clientId, version] = [String(one["clientId"]), versionOf(one)];
        const current = versions.get(depots.get(clientId) ?? "");
        if (!clients.has(clientId) || current === undefined || current === version) continue;
        if (compareVersions(version, current) > 0) continue;
        const message = `${productId} ${version} on ${clientId} is older than ${current} on its depot.`;
        found.push([`${clientId}:${productId}`, essential.has(productId) ? error(message) : warning(message)]);
      }
    }
    return found.length > 0 ? limited(found) : { products: ok(`${clients.size} clients have current products.`) };
  },
};

/** For each product the versions by depot. */
async function offeredVersions({ storage }: Call): Promise<Map<string, Map<string, string>>> {
  const all = await storage.read(productsOnDepots, { attributes: ["depotId"] });
  const byProduct = Map.groupBy(all, ({ productId }) => String(productId));
  return new Map(
    [...byProduct].map(([id, list]) => [id, new Map(list.map((one) => [String(one["depotId"]), versionOf(one)]))]),
  );
}
