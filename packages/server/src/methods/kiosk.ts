import { OpsiError, type OpsiObject } from "@opsi-ts/model";
import { configValues } from "./config-values.ts";
import type { Call, Method } from "./declare.ts";
import { parameters } from "./declare.ts";
import { depotOfClient } from "./depot-assignment.ts";
import {
  hosts,
  objectToGroups,
  productDependencies,
  products,
  productsOnClients,
  productsOnDepots,
} from "./families.ts";

const groupsConfig = "software-on-demand.product-group-ids";
/** Configs that the kiosk program reads. */
const kioskConfigs = "software-on-demand.*";

type Values = ReadonlyMap<string, readonly unknown[]>;

/** Values of the client's configs. @throws RuntimeError where the caller may not see them */
async function kioskValues(call: Call, clientId: string, configIds: string): Promise<Values> {
  const values = (await configValues(call, [configIds], [clientId])).get(clientId);
  if (values) return values;
  throw new OpsiError("RuntimeError", `Failed to collect kiosk data: '${clientId}'`);
}

/** Ids of the products that the client's groups hold; without any group named, those of all groups. */
async function offeredProducts({ objects }: Call, values: Values): Promise<string[]> {
  const groupIds = (values.get(groupsConfig) ?? [])
    .flatMap((value) => String(value).split(","))
    .map((groupId) => groupId.trim())
    .filter((groupId) => groupId !== "");
  const members = await objects.readIdents(objectToGroups, { groupType: "ProductGroup", groupId: groupIds });
  return [...new Set(members.map(({ objectId }) => String(objectId)))];
}

/** The keys under which a requirement stands are lower-case, beside the empty ones in camel case: programs know both. */
function requirement(dependency: OpsiObject): Record<string, unknown> {
  const { requiredProductId, requirementType, requiredAction, requiredInstallationStatus } = dependency;
  const key = requirementType === "before" ? "prerequired" : requirementType === "after" ? "postrequired" : "required";
  const needed = requiredAction || requiredInstallationStatus;
  return { requiredProductId, required: "", preRequired: "", postRequired: "", [key]: needed };
}

const versionText = ({ productVersion, packageVersion }: OpsiObject) =>
  `${productVersion ?? "None"}-${packageVersion ?? "None"}`;

function possibleAction(product: OpsiObject | undefined, installationStatus: unknown): string {
  if (installationStatus === "not_installed" && product?.["setupScript"]) return "setup";
  if (installationStatus === "installed" && product?.["uninstallScript"]) return "uninstall";
  return "";
}

function installed(onClient: OpsiObject | undefined, versionStr: string): Record<string, unknown> {
  if (!onClient) {
    return {
      ...{ installedVerStr: "", installedProdVer: "", installedPackVer: "", updatePossible: false },
      ...{ installationStatus: "", actionRequest: "", actionResult: "" },
    };
  }
  const installedVerStr = versionText(onClient);
  return {
    ...{ installedVerStr, updatePossible: installedVerStr !== versionStr },
    installedProdVer: onClient["productVersion"],
    installedPackVer: onClient["packageVersion"],
    installationStatus: onClient["installationStatus"],
    actionRequest: onClient["actionRequest"],
    actionResult: onClient["actionResult"],
  };
}

const described = (product: OpsiObject | undefined): Record<string, unknown> =>
  product === undefined
    ? {}
    : {
        hasSetup: Boolean(product["setupScript"]),
        hasUninstall: Boolean(product["uninstallScript"]),
        productName: product["name"],
        description: product["description"],
        advice: product["advice"],
        priority: product["priority"],
        productType: product.type,
      };

async function productInfos(call: Call, clientId: string, values: Values): Promise<Record<string, unknown>[]> {
  const { objects } = call;
  const depotId = await depotOfClient(call, clientId);
  const productIds = await offeredProducts(call, values);
  if (productIds.length === 0) return [];
  const onDepots = await objects.read(productsOnDepots, [], { depotId, productId: productIds });
  const ids = onDepots.map(({ productId }) => productId);
  if (ids.length === 0) return [];
  const known = await objects.read(products, [], { id: ids });
  const dependencies = await objects.read(productDependencies, [], { productId: ids });
  const onClients = await objects.read(productsOnClients, [], { productId: ids, clientId });
  const requirementsOf = Map.groupBy(dependencies, ({ productId }) => productId);
  const stateOf = new Map(onClients.map((onClient) => [onClient["productId"], onClient]));
  return onDepots.map((onDepot) => {
    const { productId, productVersion, packageVersion } = onDepot;
    const product = known.find(
      (each) =>
        each["id"] === productId &&
        each["productVersion"] === productVersion &&
        each["packageVersion"] === packageVersion,
    );
    const onClient = stateOf.get(productId);
    const versionStr = versionText(onDepot);
    return {
      ...{ productId, productVersion, packageVersion, versionStr },
      ...installed(onClient, versionStr),
      possibleAction: possibleAction(product, onClient?.["installationStatus"]),
      requirements: (requirementsOf.get(productId) ?? []).map(requirement),
      ...described(product),
    };
  });
}

/** What a user may install by himself. (methods 12.5) */
async function kioskInfos(call: Call, given: unknown, addConfigs: unknown): Promise<unknown> {
  const [client] = await call.objects.readIdents(hosts, { id: given, type: "OpsiClient" });
  if (!client)
    throw new OpsiError("BackendMissingDataError", `Client '${given}' does not exist`, { field: "clientId" });
  const clientId = String(client["id"]);
  const values = await kioskValues(call, clientId, kioskConfigs);
  const infos = await productInfos(call, clientId, values);
  return addConfigs ? { configStates: Object.fromEntries(values), products: infos } : infos;
}

export const kioskMethods: readonly Method[] = [
  {
    name: "getKioskProductInfosForClient",
    doc: "The products that the user of a client may install, and their states.",
    parameters: parameters("clientId addConfigs=False"),
    result: "list | dict",
    access: "objects",
    run: kioskInfos,
  },
];
