import { OpsiError, type OpsiObject, rule } from "@opsi-ts/model";
import type { Call } from "../declare.ts";
import { clientToDepots } from "../depot-assignment.ts";
import { products, productsOnClients, productsOnDepots } from "../families.ts";
import { legacyMethods } from "../legacy/legacy-methods.ts";
import { requestAction, requestWithDependencies } from "../product-state.ts";

const version = ({ productVersion, packageVersion }: Readonly<Record<string, unknown>>) =>
  `${productVersion}-${packageVersion}`;

/** The versions of a product. @throws BackendMissingDataError with the text that goes with the calling method */
async function versions({ objects }: Call, productId: string, ending = ""): Promise<OpsiObject[]> {
  const found = await objects.read(products, [], { id: productId });
  if (found.length > 0) return found;
  throw new OpsiError("BackendMissingDataError", `No product with id '${productId}'${ending}`, { field: "productId" });
}

/** Clients whose depot has a version of the product with the script. */
async function clientsWithScript(call: Call, productId: string, script: string, ending?: string): Promise<string[]> {
  const withScript = (await versions(call, productId, ending)).filter((product) => product[script]);
  const usable = new Set(withScript.map(version));
  const onDepots = await call.objects.read(productsOnDepots, [], { productId });
  const depotIds = onDepots.filter((onDepot) => usable.has(version(onDepot))).map(({ depotId }) => depotId);
  if (depotIds.length === 0) return [];
  return (await clientToDepots(call, depotIds)).map(({ clientId }) => clientId);
}

async function onClients({ objects }: Call, productId: string, clientId: readonly string[]): Promise<OpsiObject[]> {
  return clientId.length === 0 ? [] : objects.read(productsOnClients, [], { productId, clientId });
}

const idsOf = (found: readonly OpsiObject[]) => found.map(({ clientId }) => String(clientId));

/** Sets the request of what is stored and touches nothing else. */
async function requestSetup({ objects }: Call, found: readonly OpsiObject[]): Promise<string[]> {
  const changed = found.map((onClient) => ({ ...onClient, actionRequest: "setup" }));
  if (changed.length > 0) await objects.write(productsOnClients, changed, "merge", "updateObjects");
  return idsOf(found);
}

async function setupWhere(call: Call, given: unknown, condition: (found: OpsiObject) => boolean): Promise<string[]> {
  const productId = rule.productId.coerce(given);
  const clients = await clientsWithScript(call, productId, "setupScript");
  return requestSetup(call, (await onClients(call, productId, clients)).filter(condition));
}

const isInstalled = ({ installationStatus }: OpsiObject) => installationStatus === "installed";

async function setupWhereNotInstalled(call: Call, given: unknown): Promise<string[]> {
  const productId = rule.productId.coerce(given);
  const clients = await clientsWithScript(call, productId, "setupScript");
  const installed = new Set(idsOf((await onClients(call, productId, clients)).filter(isInstalled)));
  const wanted = clients.filter((clientId) => !installed.has(clientId));
  await requestAction(call, productId, wanted, "setup");
  return wanted;
}

async function actWhereInstalled(call: Call, given: unknown, action: string, ending?: string): Promise<string[]> {
  const productId = rule.productId.coerce(given);
  const clients = await clientsWithScript(call, productId, `${action}Script`, ending);
  const wanted = idsOf((await onClients(call, productId, clients)).filter(isInstalled));
  await requestAction(call, productId, wanted, action);
  return wanted;
}

const withoutVersion = new Set<unknown>(["not_installed", "none", "unknown", "", null, undefined]);

/** Clients that have another version than their depot. */
async function outdated(call: Call, productId: string): Promise<string[]> {
  const onDepots = await call.objects.read(productsOnDepots, [], { productId });
  const versionOn = new Map(onDepots.map((onDepot) => [String(onDepot["depotId"]), version(onDepot)]));
  if (versionOn.size === 0) return [];
  const assigned = await clientToDepots(call, [...versionOn.keys()]);
  const depotOf = new Map(assigned.map(({ clientId, depotId }) => [clientId, depotId]));
  const found = await onClients(call, productId, [...depotOf.keys()]);
  return idsOf(
    found.filter(
      (onClient) =>
        !withoutVersion.has(onClient["installationStatus"]) &&
        version(onClient) !== versionOn.get(depotOf.get(String(onClient["clientId"])) ?? ""),
    ),
  );
}

async function requestWhereOutdated(
  call: Call,
  given: unknown,
  actionRequest: unknown,
  request: typeof requestAction,
): Promise<string[]> {
  const productId = rule.productId.coerce(given);
  await versions(call, productId);
  const wanted = await outdated(call, productId);
  await request(call, productId, wanted, actionRequest);
  return wanted;
}

/** (methods 17.2) */
export const whereMethods = legacyMethods({
  getClientsWithOutdatedProduct: {
    signature: "productId",
    doc: "Ids of the clients that have another version of a product than their depot.",
    result: "list[str]",
    run: (call, productId) => outdated(call, rule.productId.coerce(productId)),
  },
  setActionRequestWhereOutdated: {
    signature: "actionRequest productId",
    doc: "Requests an action where another version is installed than on the depot.",
    result: "list[str]",
    run: (call, actionRequest, productId) => requestWhereOutdated(call, productId, actionRequest, requestAction),
  },
  setActionRequestWhereOutdatedWithDependencies: {
    signature: "actionRequest productId",
    doc: "Requests an action where another version is installed than on the depot, and those that it needs.",
    result: "list[str]",
    run: (call, actionRequest, productId) =>
      requestWhereOutdated(call, productId, actionRequest, requestWithDependencies),
  },
  setupWhereNotInstalled: {
    signature: "productId",
    doc: "Requests setup where a product is not installed.",
    result: "list[str]",
    run: setupWhereNotInstalled,
  },
  setupWhereInstalled: {
    signature: "productId",
    doc: "Requests setup where a product is installed.",
    result: "list[str]",
    run: (call, productId) => setupWhere(call, productId, isInstalled),
  },
  setupWhereFailed: {
    signature: "productId",
    doc: "Requests setup where the last action failed.",
    result: "list[str]",
    run: (call, productId) => setupWhere(call, productId, ({ actionResult }) => actionResult === "failed"),
  },
  updateWhereInstalled: {
    signature: "productId",
    doc: "Requests update where a product is installed.",
    result: "list[str]",
    run: (call, productId) => actWhereInstalled(call, productId, "update", " found"),
  },
  uninstallWhereInstalled: {
    signature: "productId",
    doc: "Requests uninstall where a product is installed.",
    result: "list[str]",
    run: (call, productId) => actWhereInstalled(call, productId, "uninstall"),
  },
});
