import { OpsiError, type OpsiObject, rule } from "@opsi-ts/model";
import { filterValues, isPlainText } from "../arguments.ts";
import type { Call, Method } from "../declare.ts";
import {
  auditSoftware,
  auditSoftwareToLicensePools,
  licenseContracts,
  licenseOnClients,
  licensePools,
  softwareLicenses,
  softwareLicensesToLicensePools,
} from "../families.ts";
import { namesFilter, softwareKey } from "../software-key.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { withoutNulls } from "./legacy-values.ts";

/* Licenses as programs of the time before objects see them. (methods 16.5) */

/** The day of a timestamp, nothing for none. */
const day = (value: unknown) => (typeof value === "string" ? value.slice(0, 10) : "");

function contractHash({ type: _type, id, ...rest }: OpsiObject): Record<string, unknown> {
  const { conclusionDate, notificationDate, expirationDate } = rest;
  return {
    ...rest,
    conclusionDate: day(conclusionDate),
    notificationDate: day(notificationDate),
    expirationDate: day(expirationDate),
    licenseContractId: id,
  };
}

function softwareLicenseHash({ type, id, ...rest }: OpsiObject, links: readonly OpsiObject[]): Record<string, unknown> {
  const keys = links.filter(({ licenseKey }) => (licenseKey ?? "") !== "");
  return {
    ...rest,
    boundToHost: rest["boundToHost"] ?? "",
    expirationDate: day(rest["expirationDate"]),
    licenseType: type.replace(/SoftwareLicense$/, "").toUpperCase(),
    softwareLicenseId: id,
    licensePoolIds: links.map(({ licensePoolId }) => licensePoolId),
    licenseKeys: Object.fromEntries(keys.map(({ licensePoolId, licenseKey }) => [licensePoolId, licenseKey])),
  };
}

async function softwareLicenseHashes({ objects }: Call, filter: { readonly id?: string }) {
  const licenses = await objects.read(softwareLicenses, [], filter);
  const links = await objects.read(softwareLicensesToLicensePools, [], { softwareLicenseId: filter.id });
  const linksOf = Map.groupBy(links, ({ softwareLicenseId }) => softwareLicenseId);
  return licenses.map((license) => softwareLicenseHash(license, linksOf.get(license["id"]) ?? []));
}

/** Ids that Windows has for the programs of a pool or of all pools, by pool. */
async function windowsSoftwareIds({ objects }: Call, pool: string | undefined): Promise<Map<unknown, unknown[]>> {
  const assigned = await objects.read(auditSoftwareToLicensePools, [], { licensePoolId: pool });
  if (assigned.length === 0) return new Map();
  const programs = await objects.read(auditSoftware, ["windowsSoftwareId"], namesFilter(assigned));
  const idOf = new Map(programs.map((program) => [softwareKey(program), program["windowsSoftwareId"]]));
  const ofPools = Map.groupBy(assigned, ({ licensePoolId }) => licensePoolId);
  return new Map(
    [...ofPools].map(([pool, assignments]) => [
      pool,
      assignments.map((assignment) => idOf.get(softwareKey(assignment)) ?? "").filter((id) => id !== ""),
    ]),
  );
}

async function poolHashes(call: Call, filter: { readonly id?: string }) {
  const pools = await call.objects.read(licensePools, [], filter);
  const idsOf = await windowsSoftwareIds(call, filter.id);
  return pools.map(({ type: _type, id, ...rest }) => ({
    ...rest,
    licensePoolId: id,
    windowsSoftwareIds: idsOf.get(id) ?? [],
  }));
}

/** @throws BackendMissingDataError for an id that is none or that nobody has */
async function withId<T>(what: string, id: unknown, find: (filter: { id: string }) => Promise<T[]>): Promise<T> {
  const [first] = isPlainText(id) && id !== "" ? await find({ id }) : [];
  if (first !== undefined) return first;
  throw new OpsiError("BackendMissingDataError", `${what} '${id}' does not exist`);
}

async function usages({ objects }: Call, hostIds: unknown, licensePoolIds: unknown) {
  const hosts = filterValues(hostIds).map(rule.hostId.coerce);
  const pools = filterValues(licensePoolIds).map(rule.licensePoolId.coerce);
  const found = await objects.read(licenseOnClients, [], { clientId: hosts, licensePoolId: pools });
  return found.map(({ clientId, ...rest }) => ({ ...withoutNulls(rest), hostId: clientId }));
}

interface Statistics {
  licenses: number;
  used_by: unknown[];
  usageCount: number;
  maxInstallations: number | "infinite";
  remainingInstallations: number | "infinite";
}

/** What other pools use of the same licenses is not left either. */
async function statistics({ objects }: Call): Promise<Record<string, Statistics>> {
  const pools = await objects.read(licensePools, ["description"]);
  const licenses = await objects.read(softwareLicenses, ["maxInstallations"]);
  const links = await objects.read(softwareLicensesToLicensePools, ["licenseKey"]);
  const uses = await objects.read(licenseOnClients, ["licenseKey"]);
  const limitOf = new Map(licenses.map(({ id, maxInstallations }) => [id, Number(maxInstallations)]));
  const linksOf = Map.groupBy(links, ({ licensePoolId }) => licensePoolId);
  const usesOf = Map.groupBy(uses, ({ softwareLicenseId }) => softwareLicenseId);
  const usesInPool = Map.groupBy(uses, ({ licensePoolId }) => licensePoolId);
  const ofPool = ({ id }: OpsiObject): Statistics => {
    const ids = (linksOf.get(id) ?? []).map(({ softwareLicenseId }) => softwareLicenseId);
    const limits = ids.map((license) => limitOf.get(license) ?? 0);
    const inPool = usesInPool.get(id) ?? [];
    const elsewhere = ids.flatMap((license) => usesOf.get(license) ?? []).filter((use) => use["licensePoolId"] !== id);
    const infinite = limits.includes(0);
    const all = limits.reduce((sum, limit) => sum + limit, 0);
    return {
      licenses: ids.length,
      used_by: inPool.map(({ clientId }) => clientId),
      usageCount: inPool.length,
      maxInstallations: infinite ? "infinite" : all,
      remainingInstallations: infinite ? "infinite" : Math.max(all - inPool.length - elsewhere.length, 0),
    };
  };
  return Object.fromEntries(pools.map((pool) => [String(pool["id"]), ofPool(pool)]));
}

export const licenseViewMethods: readonly Method[] = legacyMethods({
  getLicenseContractIds_list: {
    signature: "",
    doc: "Ids of all license contracts.",
    alternative: "licenseContract_getIdents",
    run: async ({ objects }) => (await objects.readIdents(licenseContracts, {})).map(({ id }) => id),
  },
  getLicenseContract_hash: {
    signature: "licenseContractId",
    doc: "A license contract.",
    alternative: "licenseContract_getObjects",
    run: async ({ objects }, id) =>
      contractHash(await withId("License contract", id, (filter) => objects.read(licenseContracts, [], filter))),
  },
  getLicenseContracts_listOfHashes: {
    signature: "",
    doc: "All license contracts.",
    alternative: "licenseContract_getObjects",
    run: async ({ objects }) => (await objects.read(licenseContracts)).map(contractHash),
  },
  getSoftwareLicenseIds_list: {
    signature: "",
    doc: "Ids of all software licenses.",
    alternative: "softwareLicense_getIdents",
    run: async ({ objects }) => (await objects.readIdents(softwareLicenses, {})).map(({ id }) => id),
  },
  getSoftwareLicense_hash: {
    signature: "softwareLicenseId",
    doc: "A software license with its pools and keys.",
    alternative: "softwareLicense_getObjects",
    run: (call, id) => withId("Software license", id, (filter) => softwareLicenseHashes(call, filter)),
  },
  getSoftwareLicenses_listOfHashes: {
    signature: "",
    doc: "All software licenses with their pools and keys.",
    alternative: "softwareLicense_getObjects",
    run: (call) => softwareLicenseHashes(call, {}),
  },
  getLicensePoolIds_list: {
    signature: "",
    doc: "Ids of the license pools, one for each product of a pool.",
    alternative: "licensePool_getIdents",
    run: async ({ objects }) => (await objects.readIdents(licensePools, {})).map(({ id }) => id),
  },
  getLicensePool_hash: {
    signature: "licensePoolId",
    doc: "A license pool with its products and programs.",
    alternative: "licensePool_getObjects",
    run: (call, id) => withId("License pool", id, (filter) => poolHashes(call, filter)),
  },
  getLicensePools_listOfHashes: {
    signature: "",
    doc: "All license pools with their products and programs.",
    alternative: "licensePool_getObjects",
    run: (call) => poolHashes(call, {}),
  },
  getSoftwareLicenseUsages_listOfHashes: {
    signature: "hostIds=None licensePoolIds=None",
    doc: "Who uses which license.",
    alternative: "licenseOnClient_getObjects",
    run: usages,
  },
  getLicenseStatistics_hash: {
    signature: "",
    doc: "Installations that are used and left, by license pool.",
    alternative: "softwareLicenseToLicensePool_getObjects",
    run: statistics,
  },
});
