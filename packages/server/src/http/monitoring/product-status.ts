import type { OpsiObject } from "@opsi-ts/model";
import type { Call } from "../../methods/declare.ts";
import { clientToDepots } from "../../methods/depot-assignment.ts";
import { objectToGroups, productsOnClients, productsOnDepots } from "../../methods/families.ts";
import {
  allDepots,
  type Check,
  type CheckParameters,
  isProblem,
  literally,
  names,
  result,
  type StateName,
  versionOf,
  worse,
} from "./check.ts";

const unremarkable = new Set<unknown>([null, "", "none", "always"]);

/** What is wrong with products on the clients of depots. (monitoring 6.5) */
export const checkProductStatus: Check = async (call, parameters) => {
  const products = await wantedProducts(call, parameters);
  if (products.length === 0) {
    return result("UNKNOWN", "Neither productId nor productGroup given, nothing to check!");
  }
  const existing = await allDepots(call);
  const [first, ...others] = names(parameters, "depotIds");
  const depots = first === undefined ? [call.site.hostId] : first === "all" ? existing : [first, ...others];
  const unknown = depots.find((id) => !existing.includes(id));
  if (unknown !== undefined) return result("UNKNOWN", `Depot '${unknown}' not found`);
  // a group without members means all clients, as in the original
  const members = await groupMembers(call, "HostGroup", names(parameters, "hostGroupIds"));
  const assigned = await clientToDepots(call, depots, members);
  if (assigned.length === 0) return result("UNKNOWN", "Depots and clients dont match, please check your parameters.");

  const depotOf = new Map(assigned.map(({ clientId, depotId }) => [clientId, depotId]));
  const productId = literally(products);
  const onClients = await call.storage.read(productsOnClients, { filter: { productId } });
  const ofDepots = Map.groupBy(onClients, ({ clientId }) => depotOf.get(String(clientId)));
  const onDepots = await call.storage.read(productsOnDepots, { filter: { productId, depotId: depots } });
  const { strict, verbose } = parameters;
  let state: StateName = "OK";
  let text = "";
  for (const depotId of depots) {
    const report = depotReport({
      depotId,
      products,
      onClients: ofDepots.get(depotId) ?? [],
      onDepot: new Map(onDepots.filter((one) => one["depotId"] === depotId).map((one) => [one["productId"], one])),
      strict: strict === true,
      verbose: verbose === true,
    });
    state = worse(state, report.state);
    text += report.text;
  }
  if (state !== "OK") return result(state, `\n${text}`);
  const groups = names(parameters, "groupIds");
  if (verbose !== true) return result("OK", `No Problem found for productIds: '${products.join(",")}'`);
  const subject = groups.length > 0 ? `product groups '${groups.join(",")}'` : `productIds '${products.join(",")}'`;
  return result("OK", `No Problem found for ${subject}`);
};

/** Those that are named, else the members of product groups without what is excluded. */
async function wantedProducts(call: Call, parameters: CheckParameters): Promise<string[]> {
  const named = names(parameters, "productIds");
  if (named.length > 0) return named;
  const groups = names(parameters, "groupIds");
  const excluded = new Set(names(parameters, "exclude"));
  const members = await groupMembers(call, "ProductGroup", groups.length > 0 ? groups : null);
  return members.filter((id) => !excluded.has(id));
}

/** @param groups null means all */
async function groupMembers({ storage }: Call, groupType: string, groups: readonly string[] | null): Promise<string[]> {
  const groupId = groups === null ? null : literally(groups);
  if (groupId?.length === 0) return [];
  const filter = groupId === null ? { groupType } : { groupType, groupId };
  const found = await storage.read(objectToGroups, { filter });
  return [...new Set(found.map(({ objectId }) => String(objectId)))];
}

interface DepotState {
  readonly depotId: string;
  readonly products: readonly string[];
  /** Of the depot's clients. */
  readonly onClients: readonly OpsiObject[];
  /** By product. */
  readonly onDepot: ReadonlyMap<unknown, OpsiObject>;
  readonly strict: boolean;
  readonly verbose: boolean;
}

function depotReport({ depotId, products, onClients, onDepot, strict, verbose }: DepotState) {
  const byProduct = Map.groupBy(onClients, ({ productId }) => productId);
  let state: StateName = "OK";
  const lines: string[] = [];
  const blocks: string[] = [];
  const note = (found: readonly OpsiObject[], worst: StateName, line: string, head: string, client: Described) => {
    if (found.length === 0) return;
    state = worse(state, worst);
    lines.push(line);
    if (verbose) blocks.push(`${head}:`, ...found.map((one) => `  ${one["clientId"]} (${client(one)})`));
  };
  for (const id of products) {
    const states = byProduct.get(id) ?? [];
    const target = onDepot.get(id);
    const actions = states.filter(({ actionRequest }) => !unremarkable.has(actionRequest));
    const problems = states.filter(isProblem);
    const versions = states.filter((one) => isOtherVersion(one, target));
    note(
      actions,
      "WARNING",
      `For product '${id}' action set on ${actions.length} clients!`,
      `Action Request set for product '${id}'`,
      ({ actionRequest }) => String(actionRequest),
    );
    note(
      problems,
      "CRITICAL",
      `For product '${id}' problems found on ${problems.length} clients!`,
      `Product Problems for product '${id}'`,
      ({ actionResult, lastAction }) => `${actionResult} lastAction: [${lastAction}]`,
    );
    note(
      versions,
      "WARNING",
      `For product '${id}' version difference problems found on ${versions.length} clients!`,
      `Product Version difference found for product '${id}'`,
      versionOf,
    );
    if (strict && states.length === 0) {
      state = worse(state, "CRITICAL");
      lines.push(`Product '${id}' not found on any client assigned to depot ${depotId}.`);
    }
  }
  if (lines.length === 0) return { state, text: "" };
  return { state, text: [`Result for Depot: '${depotId}':`, ...lines, ...blocks].map((line) => `${line}\n`).join("") };
}

type Described = (onClient: OpsiObject) => string;

function isOtherVersion(onClient: OpsiObject, target: OpsiObject | undefined): boolean {
  if (!onClient["productVersion"] || !onClient["packageVersion"] || target === undefined) return false;
  return versionOf(onClient) !== versionOf(target);
}
