import { fromHash, generateHostKey, OpsiDepotserver, OpsiError, rule } from "@opsi-ts/model";
import type { Call } from "../../methods/declare.ts";
import { hosts, productsOnDepots, users } from "../../methods/families.ts";
import { runMethod } from "../../methods/own-call.ts";
import { shownOptions } from "../../methods/service/options.ts";
import { slotLimit } from "../../methods/transfer-slots.ts";
import type { CallHistory, PastCall } from "../../rpc/call-history.ts";
import type { Exchange } from "../exchange.ts";
import { readJsonObject } from "../json-body.ts";
import { restErrors, sendRestError } from "../rest-error.ts";
import type { Route } from "../router.ts";
import { adminRoute } from "./admin-route.ts";

const productSync = "opsiclientd_product_sync";

/** What administrators see and change of the site: depots, users, products, calls. (service 1.7) */
export function siteRoutes(call: Call, calls: CallHistory): Route[] {
  return [
    adminRoute("GET", "depots", ({ session }) => depots(call, session?.isReadOnly === false)),
    {
      methods: ["POST"],
      path: "/admin/depot-create",
      role: "admin",
      handle: restErrors(500, (exchange) => createDepot(call, exchange)),
    },
    adminRoute("GET", "user-list", () => userList(call)),
    adminRoute("POST", "update-multi-factor-auth", async (exchange) => {
      const { user_id: userId, type } = await readJsonObject(exchange);
      return runMethod(call, "user_updateMultiFactorAuth", userId, type, "qrcode");
    }),
    adminRoute("GET", "locked-products-list", () => lockedProducts(call)),
    adminRoute("POST", "products/unlock", async (exchange) => {
      exchange.request.resume();
      await unlock(call, {});
      return null;
    }),
    adminRoute("POST", "products/:product/unlock", async (exchange, { product = "" }) => {
      const { depots: given } = await readJsonObject(exchange);
      const depotIds = Array.isArray(given) ? given.map(rule.hostId.coerce) : [];
      const productId = rule.productId.coerce(product);
      await unlock(call, depotIds.length > 0 ? { productId, depotId: depotIds } : { productId });
      return { product, action: "unlock" };
    }),
    adminRoute("GET", "messagebus-connected-clients", () => connectedClients(call)),
    adminRoute("GET", "rpc-list", () => calls.newestFirst().map(pastCallJson)),
    adminRoute("GET", "rpc-count", () => ({ rpc_count: Math.min(calls.count, 9999) })),
    adminRoute("GET", "config", () => ({ config: options(call) })),
  ];
}

/** Options as the configuration file names them; whether a secret is set is said, not what it is. */
function options(call: Call): Record<string, unknown> {
  const shown = Object.entries(shownOptions(call));
  return Object.fromEntries(shown.map(([name, value]) => [name.replaceAll("_", "-"), value]));
}

/** @param showsKeys who only reads could do everything with the key of a depot */
async function depots(call: Call, showsKeys: boolean) {
  const filter = { type: ["OpsiDepotserver", "OpsiConfigserver"] };
  const found = await call.storage.read(hosts, { attributes: ["description", "opsiHostKey"], filter });
  const list = found.map(async ({ id, type, description, opsiHostKey }) => {
    const depotId = String(id);
    const used = call.site.transferSlots.list(depotId).filter((slot) => slot.slot_type === productSync);
    return {
      ...{ id: depotId, configserver: type === "OpsiConfigserver", description: description ?? "" },
      opsiHostKey: showsKeys ? opsiHostKey : null,
      max_product_sync_transfer_slots: await slotLimit(call, depotId, productSync),
      used_product_sync_transfer_slots: used.length,
    };
  });
  return (await Promise.all(list)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Announces a depot, before its server is set up with the key that it gets here. */
async function createDepot({ storage }: Call, exchange: Exchange): Promise<void> {
  const { id: given, description = "" } = await readJsonObject(exchange);
  const refuse = (text: string) => sendRestError(exchange, new OpsiError("ValueError", text), 422);
  if (typeof given !== "string" || given === "") return refuse("Depot ID missing");
  const id = rule.hostId.coerce(given);
  const depot = fromHash(OpsiDepotserver, {
    ...{ id, description, opsiHostKey: generateHostKey() },
    depotLocalUrl: "file:///var/lib/opsi/depot",
    depotRemoteUrl: `smb://${id}/opsi_depot`,
    depotWebdavUrl: `webdavs://${id}:4447/depot`,
    repositoryLocalUrl: "file:///var/lib/opsi/repository",
    repositoryRemoteUrl: `webdavs://${id}:4447/repository`,
    workbenchLocalUrl: "file:///var/lib/opsi/workbench",
    workbenchRemoteUrl: `smb://${id}/opsi_workbench`,
  });
  const isNew = await storage.transaction(async (store) => {
    if ((await store.count(hosts, { filter: { id } })) > 0) return false;
    await store.write(hosts, [depot], "insert");
    return true;
  });
  if (!isNew) return refuse("Depot already exists");
  exchange.sendJson(200, "ok");
}

async function userList({ storage }: Call) {
  const found = await storage.read(users);
  return found.map(({ otpSecret: _, ...user }) => user).sort((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1));
}

/** Depots by product. */
async function lockedProducts({ storage }: Call): Promise<Record<string, unknown[]>> {
  const locked = await storage.read(productsOnDepots, { filter: { locked: true } });
  const byProduct = Map.groupBy(locked, ({ productId }) => String(productId));
  return Object.fromEntries([...byProduct].map(([id, list]) => [id, list.map(({ depotId }) => depotId).sort()]));
}

async function unlock({ storage }: Call, filter: Readonly<Record<string, unknown>>): Promise<void> {
  await storage.transaction(async (store) => {
    const found = await store.read(productsOnDepots, { filter: { ...filter, locked: true } });
    const unlocked = found.map((onDepot) => ({ ...onDepot, locked: false }));
    if (unlocked.length > 0) await store.write(productsOnDepots, unlocked, "update");
  });
}

async function connectedClients({ storage, site }: Call) {
  const connected = site.connectedHosts();
  const servers =
    connected.length === 0 ? [] : await storage.readIdents(hosts, { filter: { type: "OpsiDepotserver" } });
  const isDepot = new Set(servers.map(({ id }) => id));
  return {
    depot_ids: connected.filter((id) => isDepot.has(id)),
    client_ids: connected.filter((id) => !isDepot.has(id)),
    user_ids: [],
  };
}

function pastCallJson({
  number,
  method,
  parameters,
  results,
  time,
  client,
  deprecated,
  failed,
  milliseconds,
}: PastCall) {
  return {
    ...{ rpc_num: number, method, params: parameters, results, date: `${new Date(time).toISOString().slice(0, 19)}Z` },
    ...{ client, deprecated, error: failed, duration: milliseconds / 1000 },
  };
}
