import { setImmediate } from "node:timers/promises";
import { compareVersions } from "@opsi-ts/opsi-package";
import type { Call } from "../methods/declare.ts";
import { clientToDepots } from "../methods/depot-assignment.ts";
import { productsOnClients as onClients, productsOnDepots } from "../methods/families.ts";
import { type Check, error, type Finding, limited, ok, warning } from "./check.ts";
import { checkedClients } from "./checked-clients.ts";
import { versionOf } from "./products-on-depots.ts";

/** Clients whose products are read at once: some ten thousand rows. */
const clientsAtOnce = 100;

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
    const clients = await checkedClients(call);
    const found: [string, Finding][] = [];
    for (let at = 0; at < clients.length; at += clientsAtOnce) {
      const installed = await call.storage.read(onClients, {
        attributes: ["productVersion", "packageVersion"],
        filter: { clientId: clients.slice(at, at + clientsAtOnce), installationStatus: "installed" },
      });
      for (const one of installed) {
        const [clientId, productId, version] = [String(one["clientId"]), String(one["productId"]), versionOf(one)];
        const current = offered.get(`${depots.get(clientId)};${productId}`);
        if (current === undefined || compareVersions(version, current) >= 0) continue;
        const message = `${productId} ${version} on ${clientId} is older than ${current} on its depot.`;
        found.push([`${clientId}:${productId}`, essential.has(productId) ? error(message) : warning(message)]);
      }
      await setImmediate(); // others get their turn
    }
    return found.length > 0 ? limited(found) : { products: ok(`${clients.length} clients have current products.`) };
  },
};

/** By depot and product. */
async function offeredVersions({ storage }: Call): Promise<Map<string, string>> {
  const all = await storage.read(productsOnDepots, { attributes: ["depotId"] });
  return new Map(all.map((one) => [`${one["depotId"]};${one["productId"]}`, versionOf(one)]));
}
