import { OpsiError, type OpsiObject } from "@opsi-ts/model";
import { type Action, type RequirementType, rank } from "./action.ts";
import type { DepotProduct, DepotProducts, ProductDependency } from "./depot-products.ts";

/** Actions by product and name, products in the order in which they came up. */
export type ActionTable = Map<string, Map<string, Action>>;

/** What a client has installed, by product: the ProductOnClients that count for requirements. */
export type InstalledProducts = ReadonlyMap<string, OpsiObject>;

/**
 * The actions that are asked for, and those that they need.
 *
 * @throws ValueError for a dependency that requires neither an action nor a known installation status
 * @see objects 7, steps 1 to 3
 */
export function collectActions(
  productsOnClient: readonly OpsiObject[],
  depot: DepotProducts,
  installed: InstalledProducts,
): ActionTable {
  const table: ActionTable = new Map();
  const seeds: Action[] = [];
  const requestOf = ({ actionRequest }: OpsiObject) => (actionRequest as string | null) || "none";
  // Each request once, however often a caller repeats it: what depends on it looks through all of them.
  const requests = new Map(productsOnClient.map((object) => [`${object["productId"]};${requestOf(object)}`, object]));
  for (const productOnClient of requests.values()) {
    const product = depot.get(String(productOnClient["productId"]));
    if (!product) continue;
    const request = requestOf(productOnClient);
    const seed = newAction(product, request, request !== "none");
    seed.productOnClient = productOnClient;
    store(table, seed);
    seeds.push(seed);
  }
  for (const seed of seeds) addDependencies(seed, new Set(), table, depot, installed);
  for (const actions of table.values()) if (actions.size > 1) decide(actions);
  return table;
}

function newAction(product: DepotProduct, name: string, required: boolean): Action {
  const priority = name === "uninstall" ? -product.priority : product.priority;
  return { productId: product.id, name, priority, required, productOnClient: null, from: [], dependents: [] };
}

function store(table: ActionTable, action: Action): void {
  const actions = table.get(action.productId);
  if (actions) actions.set(action.name, action);
  else table.set(action.productId, new Map([[action.name, action]]));
}

/** `visited` is shared by the whole recursion below one seed: it cuts circles. */
function addDependencies(
  action: Action,
  visited: Set<string>,
  table: ActionTable,
  depot: DepotProducts,
  installed: InstalledProducts,
): void {
  visited.add(action.productId);
  for (const dependency of depot.get(action.productId)?.dependencies ?? []) {
    if (dependency.productAction !== action.name || visited.has(dependency.requiredProductId)) continue;
    const product = depot.get(dependency.requiredProductId);
    if (!product || !hasVersion(product, dependency)) continue;
    const needed = neededAction(dependency);
    const required = dependency.requiredAction ? true : !isFulfilled(dependency, installed.get(product.id));
    if (required && !product.scripts.has(needed)) continue;
    const dependent = table.get(product.id)?.get(needed) ?? newAction(product, needed, false);
    store(table, dependent);
    if (required) dependent.required = true;
    if (!dependent.from.includes(action)) dependent.from.push(action);
    const type = (dependency.requirementType ?? "") as RequirementType;
    if (!action.dependents.some((known) => known.type === type && known.action === dependent)) {
      action.dependents.push({ type, action: dependent });
    }
    addDependencies(dependent, visited, table, depot, installed);
  }
}

function hasVersion(
  product: DepotProduct,
  { requiredProductVersion, requiredPackageVersion }: ProductDependency,
): boolean {
  return (
    (!requiredProductVersion || requiredProductVersion === product.productVersion) &&
    (!requiredPackageVersion || requiredPackageVersion === product.packageVersion)
  );
}

function neededAction({ requiredAction, requiredInstallationStatus: status }: ProductDependency): string {
  if (requiredAction) return requiredAction;
  if (status === "installed") return "setup";
  if (status === "not_installed") return "uninstall";
  throw new OpsiError("ValueError", `Invalid requiredInstallationStatus: '${status ?? "None"}'`, {
    field: "requiredInstallationStatus",
  });
}

function isFulfilled(dependency: ProductDependency, current: OpsiObject | undefined): boolean {
  if ((current?.["installationStatus"] ?? "not_installed") !== dependency.requiredInstallationStatus) return false;
  const matches = (required: string | null, actual: unknown) => !required || !actual || required === actual;
  return (
    matches(dependency.requiredProductVersion, current?.["productVersion"]) &&
    matches(dependency.requiredPackageVersion, current?.["packageVersion"])
  );
}

/** One action per product: the first in rank wins, even if nothing requires it. */
function decide(actions: Map<string, Action>): void {
  const [winner, ...others] = [...actions.values()].sort(
    (a, b) => rank(a.name) - rank(b.name) || a.from.length - b.from.length,
  );
  if (!winner) return;
  for (const other of others) {
    winner.productOnClient ??= other.productOnClient;
    other.productOnClient = null;
    other.required = false;
  }
}
