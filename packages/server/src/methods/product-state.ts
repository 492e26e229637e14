import { fromHash, OpsiError, type OpsiObject, ProductOnClient, rule } from "@opsi-ts/model";
import { emptyAsNull } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { clientToDepots, noDepot } from "./depot-assignment.ts";
import { productsOnClients, productsOnDepots } from "./families.ts";
import { updateWithDependencies } from "./product-sequence.ts";

/**
 * Clients with the product as it is on the depots that serve them: read at once, there may be ten thousand.
 *
 * @param unserved text of the error for a client without a depot
 * @throws BackendConfigurationError if no depot serves a client
 * @throws BackendMissingDataError if the depot does not have the product
 */
async function withProductOnDepot(
  call: Call,
  productId: unknown,
  clientIds: readonly unknown[],
  unserved: (clientId: unknown) => string,
): Promise<{ readonly clientId: string; readonly onDepot: OpsiObject }[]> {
  // None would mean all.
  if (clientIds.length === 0) return [];
  const assigned = await clientToDepots(call, [], clientIds);
  const served = new Set(assigned.map(({ clientId }) => clientId));
  const missing = clientIds.find((clientId) => !served.has(rule.hostId.coerce(clientId)));
  if (missing !== undefined) throw new OpsiError("BackendConfigurationError", unserved(missing));
  const depotId = [...new Set(assigned.map((pair) => pair.depotId))];
  const found = await call.objects.read(productsOnDepots, [], { productId, depotId });
  const ofDepots = Map.groupBy(found, (onDepot) => String(onDepot["depotId"]));
  return assigned.map((pair) => {
    const [onDepot] = ofDepots.get(pair.depotId) ?? [];
    if (onDepot) return { clientId: pair.clientId, onDepot };
    throw new OpsiError("BackendMissingDataError", `Product '${productId}' not found on depot '${pair.depotId}'`, {
      field: "productId",
    });
  });
}

/** What `setProductState` may change; null leaves a value as it is. */
interface StateChange {
  readonly installationStatus?: unknown;
  readonly actionRequest?: unknown;
  readonly productVersion?: unknown;
  readonly packageVersion?: unknown;
  readonly lastStateChange?: unknown;
  readonly productActionProgress?: unknown;
}

/** Changes the state of a product on clients; the product must be on the clients' depots. (methods 15) */
async function setProductState(
  call: Call,
  productId: unknown,
  clientIds: readonly unknown[],
  change: StateChange,
): Promise<null> {
  const clients = await withProductOnDepot(call, productId, clientIds, (id) => `Client '${id}' not found`);
  const changed = clients.map(({ clientId, onDepot }) => changedState(productId, clientId, onDepot, change));
  if (changed.length > 0) await call.objects.write(productsOnClients, changed, "merge", "updateObjects");
  return null;
}

function changedState(productId: unknown, clientId: string, onDepot: OpsiObject, change: StateChange): OpsiObject {
  let installationStatus = emptyAsNull(change.installationStatus);
  const actionRequest = emptyAsNull(change.actionRequest);
  let productVersion = emptyAsNull(change.productVersion);
  let packageVersion = emptyAsNull(change.packageVersion);
  let actionProgress = emptyAsNull(change.productActionProgress);
  let actionResult: string | null = null;
  if (actionRequest !== null) {
    actionProgress = "";
    if (rule.actionRequest.coerce(actionRequest) !== "none") actionResult = "none";
  }
  if (installationStatus !== null) {
    actionProgress = "";
    if (installationStatus === "failed") {
      actionResult = "failed";
      installationStatus = null;
    } else if (installationStatus === "installed") {
      actionResult = "successful";
      productVersion = productVersion ?? onDepot["productVersion"];
      packageVersion = packageVersion ?? onDepot["packageVersion"];
    } else if (installationStatus === "installing") {
      actionProgress = "installing";
      actionResult = "none";
      installationStatus = "unknown";
    }
  }
  return fromHash(ProductOnClient, {
    ...{ productId, productType: onDepot["productType"], clientId },
    ...{ installationStatus, actionRequest, actionProgress, actionResult, productVersion, packageVersion },
    modificationTime: emptyAsNull(change.lastStateChange),
  });
}

/** Requests an action on clients, and those of the products that it needs. (methods 15) */
export async function requestWithDependencies(
  call: Call,
  givenProduct: unknown,
  givenClients: readonly unknown[],
  givenRequest: unknown,
): Promise<null> {
  const productId = rule.productId.coerce(givenProduct);
  const clientIds = givenClients.map(rule.hostId.coerce);
  const actionRequest = rule.actionRequest.coerce(givenRequest);
  const clients = await withProductOnDepot(call, productId, clientIds, noDepot);
  if (clients.length === 0) return null;
  const stored = await call.objects.read(productsOnClients, [], { productId, clientId: clientIds });
  const storedOf = new Map(stored.map((onClient) => [String(onClient["clientId"]), onClient]));
  const requests = clients.map(({ clientId, onDepot }) => {
    const created = { productId, productType: onDepot["productType"], clientId, installationStatus: "not_installed" };
    return fromHash(ProductOnClient, { ...(storedOf.get(clientId) ?? created), actionRequest });
  });
  await updateWithDependencies(call, requests);
  return null;
}

/** Requests an action on clients without looking at dependencies. */
export const requestAction = (
  call: Call,
  productId: unknown,
  clientIds: readonly unknown[],
  actionRequest: unknown,
): Promise<null> => setProductState(call, productId, clientIds, { actionRequest });

const alternative = "productOnClient_updateObjects";
const access = "objects";

/** (methods 15) */
export const productStateMethods: readonly Method[] = [
  {
    name: "setProductState",
    doc: "Changes the state of a product on a client; empty values leave what is there.",
    parameters: parameters(
      "productId objectId installationStatus=None actionRequest=None productVersion=None packageVersion=None " +
        "lastStateChange=None productActionProgress=None",
    ),
    access,
    deprecated: true,
    alternative,
    run: (call, productId, objectId, ...values) => {
      const [installationStatus, actionRequest, productVersion, packageVersion, lastStateChange, progress] = values;
      return setProductState(call, productId, [objectId], {
        ...{ installationStatus, actionRequest, productVersion, packageVersion, lastStateChange },
        productActionProgress: progress,
      });
    },
  },
  {
    name: "setProductActionRequest",
    doc: "Requests an action of a product on a client, without those that it needs.",
    parameters: parameters("productId clientId actionRequest"),
    access,
    alternative,
    run: (call, productId, clientId, actionRequest) => requestAction(call, productId, [clientId], actionRequest),
  },
  {
    name: "setProductInstallationStatus",
    doc: "Sets the installation status of a product on a client.",
    parameters: parameters("productId objectId installationStatus"),
    access,
    alternative,
    run: (call, productId, objectId, installationStatus) =>
      setProductState(call, productId, [objectId], { installationStatus }),
  },
  {
    name: "setProductActionProgress",
    doc: "Says how far the action of a product on a client is.",
    parameters: parameters("productId hostId productActionProgress"),
    access,
    alternative,
    run: (call, productId, hostId, productActionProgress) =>
      setProductState(call, productId, [hostId], { productActionProgress }),
  },
  {
    name: "unsetProductActionRequest",
    doc: "Takes back the request of an action.",
    parameters: parameters("productId clientId"),
    access,
    deprecated: true,
    alternative,
    run: (call, productId, clientId) => requestAction(call, productId, [clientId], "none"),
  },
  {
    name: "setProductActionRequestWithDependencies",
    doc: "Requests an action of a product on a client, and those that it needs.",
    parameters: parameters("productId clientId actionRequest"),
    access,
    alternative,
    run: (call, productId, clientId, actionRequest) =>
      requestWithDependencies(call, productId, [clientId], actionRequest),
  },
];
