import { fromHash, OpsiError, ProductOnClient, rule } from "@opsi-ts/model";
import { type Call, type Method, parameters } from "./declare.ts";
import { clientToDepots, depotOfClient } from "./depot-assignment.ts";
import { productsOnClients, productsOnDepots } from "./families.ts";
import { updateWithDependencies } from "./product-sequence.ts";

const emptyAsNull = (value: unknown): unknown => (value === "" ? null : (value ?? null));

/** @throws BackendMissingDataError if the depot does not have the product */
async function productOnDepot({ objects }: Call, productId: unknown, depotId: string) {
  const [found] = await objects.read(productsOnDepots, [], { productId, depotId });
  if (found) return found;
  throw new OpsiError("BackendMissingDataError", `Product '${productId}' not found on depot '${depotId}'`, {
    field: "productId",
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

/** Changes the state of a product on a client; the product must be on the client's depot. (methods 15) */
async function setProductState(call: Call, productId: unknown, clientId: unknown, change: StateChange): Promise<null> {
  const [assigned] = await clientToDepots(call, [], [clientId]);
  if (!assigned) throw new OpsiError("BackendConfigurationError", `Client '${clientId}' not found`);
  const onDepot = await productOnDepot(call, productId, assigned.depotId);
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
  const changed = fromHash(ProductOnClient, {
    ...{ productId, productType: onDepot["productType"], clientId },
    ...{ installationStatus, actionRequest, actionProgress, actionResult, productVersion, packageVersion },
    modificationTime: emptyAsNull(change.lastStateChange),
  });
  await call.objects.write(productsOnClients, [changed], "merge", "updateObjects");
  return null;
}

/** Requests an action and those of the products that it needs. (methods 15) */
export async function requestWithDependencies(
  call: Call,
  givenProduct: unknown,
  givenClient: unknown,
  givenRequest: unknown,
): Promise<null> {
  const productId = rule.productId.coerce(givenProduct);
  const clientId = rule.hostId.coerce(givenClient);
  const actionRequest = rule.actionRequest.coerce(givenRequest);
  const { productType } = await productOnDepot(call, productId, await depotOfClient(call, clientId));
  const [stored] = await call.objects.read(productsOnClients, [], { productId, clientId });
  const created = { productId, productType, clientId, installationStatus: "not_installed" };
  await updateWithDependencies(call, [fromHash(ProductOnClient, { ...(stored ?? created), actionRequest })]);
  return null;
}

/** Requests an action without looking at dependencies. */
export const requestAction = (call: Call, productId: unknown, clientId: unknown, actionRequest: unknown) =>
  setProductState(call, productId, clientId, { actionRequest });

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
      return setProductState(call, productId, objectId, {
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
    run: requestAction,
  },
  {
    name: "setProductInstallationStatus",
    doc: "Sets the installation status of a product on a client.",
    parameters: parameters("productId objectId installationStatus"),
    access,
    alternative,
    run: (call, productId, objectId, installationStatus) =>
      setProductState(call, productId, objectId, { installationStatus }),
  },
  {
    name: "setProductActionProgress",
    doc: "Says how far the action of a product on a client is.",
    parameters: parameters("productId hostId productActionProgress"),
    access,
    alternative,
    run: (call, productId, hostId, productActionProgress) =>
      setProductState(call, productId, hostId, { productActionProgress }),
  },
  {
    name: "unsetProductActionRequest",
    doc: "Takes back the request of an action.",
    parameters: parameters("productId clientId"),
    access,
    deprecated: true,
    alternative,
    run: (call, productId, clientId) => requestAction(call, productId, clientId, "none"),
  },
  {
    name: "setProductActionRequestWithDependencies",
    doc: "Requests an action of a product on a client, and those that it needs.",
    parameters: parameters("productId clientId actionRequest"),
    access,
    alternative,
    run: requestWithDependencies,
  },
];
