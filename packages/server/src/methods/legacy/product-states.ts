import { type OpsiObject, rule } from "@opsi-ts/model";
import { filterValues } from "../arguments.ts";
import type { Call } from "../declare.ts";
import { depotOfClient } from "../depot-assignment.ts";
import { productsOnClients, productsOnDepots } from "../families.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { compactTimestamp } from "./legacy-values.ts";

type Hash = Record<string, unknown>;

/** A failed action counts as a status; who knows nothing has nothing. */
function status({ actionResult, installationStatus }: OpsiObject): unknown {
  if (actionResult === "failed") return "failed";
  return installationStatus === "unknown" || !installationStatus ? "not_installed" : installationStatus;
}

async function installationStatus({ objects }: Call, productId: unknown, objectId: unknown): Promise<Hash> {
  const clientId = rule.hostId.coerce(objectId);
  const [found] = await objects.read(productsOnClients, [], { productId, clientId });
  if (!found) return { installationStatus: "not_installed", productId };
  return { ...found, lastStateChange: compactTimestamp(found["modificationTime"]) };
}

async function installationStatuses(call: Call, objectId: unknown): Promise<Hash[]> {
  const clientId = rule.hostId.coerce(objectId);
  const depotId = await depotOfClient(call, clientId);
  const statuses = new Map<unknown, Hash>();
  for (const { productId, productVersion, packageVersion } of await call.objects.read(productsOnDepots, [], {
    depotId,
  })) {
    const absent = { lastStateChange: "", productVersion, packageVersion, installationStatus: "not_installed" };
    statuses.set(productId, { ...absent, productId });
  }
  for (const onClient of await call.objects.read(productsOnClients, [], { clientId })) {
    const { productId, productVersion, packageVersion, modificationTime } = onClient;
    statuses.set(productId, {
      ...{ lastStateChange: compactTimestamp(modificationTime), productVersion, packageVersion },
      ...{ installationStatus: status(onClient), productId },
    });
  }
  return [...statuses.values()];
}

async function actionRequests({ objects }: Call, clientId: unknown): Promise<Hash[]> {
  const found = await objects.read(productsOnClients, ["actionRequest"], { clientId: rule.hostId.coerce(clientId) });
  return found.map(({ productId, actionRequest }) => ({ productId, actionRequest }));
}

/** Clients without products are missing. */
async function states({ objects }: Call, objectIds: unknown, productType?: string): Promise<Record<string, Hash[]>> {
  const filter = { clientId: filterValues(objectIds), ...(productType === undefined ? {} : { productType }) };
  const ofClients = Map.groupBy(await objects.read(productsOnClients, [], filter), ({ clientId }) => String(clientId));
  return Object.fromEntries([...ofClients].map(([clientId, list]) => [clientId, list.map(state)]));
}

function state(onClient: OpsiObject): Hash {
  const { modificationTime, productVersion, packageVersion, actionRequest, actionProgress, productId } = onClient;
  return {
    lastStateChange: compactTimestamp(modificationTime),
    productVersion: productVersion ?? "",
    packageVersion: packageVersion ?? "",
    installationStatus: status(onClient),
    actionRequest: actionRequest ?? "",
    productActionProgress: actionProgress ?? "",
    productId,
  };
}

const kinds: readonly [infix: string, type: string | undefined][] = [
  ["", undefined],
  ["LocalBoot", "LocalbootProduct"],
  ["NetBoot", "NetbootProduct"],
];

/** (methods 16.3) */
export const productStateHashMethods = legacyMethods({
  getProductInstallationStatus_hash: {
    signature: "productId objectId",
    doc: "The state of a product on a client.",
    alternative: "productOnClient_getObjects",
    run: installationStatus,
  },
  getProductInstallationStatus_listOfHashes: {
    signature: "objectId",
    doc: "The states of all products of the depot on a client.",
    alternative: "productOnClient_getObjects",
    run: installationStatuses,
  },
  getProductActionRequests_listOfHashes: {
    signature: "clientId options=None",
    doc: "What is requested for the products on a client.",
    alternative: "productOnClient_getObjects",
    run: actionRequests,
  },
  ...Object.fromEntries(
    kinds.map(([infix, type]) => [
      `get${infix}ProductStates_hash`,
      {
        signature: "objectIds=None options=None",
        doc: "The states of products on clients.",
        alternative: "productOnClient_updateObjects",
        run: (call: Call, objectIds: unknown) => states(call, objectIds, type),
      },
    ]),
  ),
});
