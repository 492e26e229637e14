import {
  AuditSoftwareToLicensePool,
  ConcurrentSoftwareLicense,
  type Family,
  forceList,
  fromHash,
  LicenseContract,
  LicenseOnClient,
  LicensePool,
  OEMSoftwareLicense,
  OpsiError,
  RetailSoftwareLicense,
  rule,
  SoftwareLicenseToLicensePool,
  timestamp,
  VolumeSoftwareLicense,
} from "@opsi-ts/model";
import type { ProtectedStore } from "../../access-control/protected-objects.ts";
import { isEmpty, productIds } from "../arguments.ts";
import type { Call, Method } from "../declare.ts";
import {
  auditSoftwareToLicensePools,
  licenseContracts,
  licenseOnClients,
  licensePools,
  softwareLicenses,
  softwareLicensesToLicensePools,
} from "../families.ts";
import { softwareWithWindowsIds } from "../license-pool.ts";
import { deleteMatching } from "../objects.ts";
import { softwareAttributes } from "../software-key.ts";
import { legacyMethods } from "./legacy-methods.ts";

/* How programs of the time before objects keep licenses. What consists of several steps is one transaction. (methods 16.5) */

/** An id that nobody has: `c_2024-01-02_03:04:05_0`. */
async function newId(objects: ProtectedStore, family: Family, letter: string): Promise<string> {
  const prefix = `${letter}_${timestamp().replace(" ", "_")}_`;
  for (let number = 0; ; number += 1) {
    const id = `${prefix}${number}`;
    if ((await objects.readIdents(family, { id })).length === 0) return id;
  }
}

function createContract({ objects: all }: Call, ...values: unknown[]): Promise<string> {
  const [given, partner, conclusionDate, notificationDate, expirationDate, notes] = values;
  return all.transaction(async (objects) => {
    const id = isEmpty(given) ? await newId(objects, licenseContracts, "c") : given;
    const dates = { conclusionDate, notificationDate, expirationDate };
    const contract = fromHash(LicenseContract, { id, description: "", notes, partner, ...dates });
    await objects.write(licenseContracts, [contract], "insert", "createObjects");
    return contract.id;
  });
}

const licenseTypes = {
  oem: OEMSoftwareLicense,
  retail: RetailSoftwareLicense,
  volume: VolumeSoftwareLicense,
  concurrent: ConcurrentSoftwareLicense,
};

function licenseType(given: unknown): (typeof licenseTypes)[keyof typeof licenseTypes] {
  const name = isEmpty(given) ? "volume" : String(given).toLowerCase();
  if (Object.hasOwn(licenseTypes, name)) return licenseTypes[name as keyof typeof licenseTypes];
  throw new OpsiError("BackendBadValueError", `Unknown license type '${given}'`, { field: "licenseType" });
}

function createLicense({ objects: all }: Call, ...values: unknown[]): Promise<string> {
  const [given, licenseContractId, givenType, maxInstallations, boundToHost, expirationDate] = values;
  const type = licenseType(givenType);
  return all.transaction(async (objects) => {
    const id = isEmpty(given) ? await newId(objects, softwareLicenses, "l") : given;
    const host = isEmpty(boundToHost) ? null : boundToHost;
    const license = fromHash(type, { id, licenseContractId, maxInstallations, boundToHost: host, expirationDate });
    await objects.write(softwareLicenses, [license], "insert", "createObjects");
    return license.id;
  });
}

/** The programs of a pool become those with the given ids and no others. */
async function replacePrograms(objects: ProtectedStore, windowsSoftwareIds: unknown, pool: string): Promise<void> {
  await deleteMatching(objects, auditSoftwareToLicensePools, { licensePoolId: pool });
  const wanted = isEmpty(windowsSoftwareIds) ? [] : forceList(windowsSoftwareIds).map(rule.string.coerce);
  const assignments = (await softwareWithWindowsIds(objects, wanted)).map((program) => {
    const key = Object.fromEntries(softwareAttributes.map((attribute) => [attribute, program[attribute]]));
    return fromHash(AuditSoftwareToLicensePool, { ...key, licensePoolId: pool });
  });
  if (assignments.length === 0) return;
  await objects.write(auditSoftwareToLicensePools, assignments, "insert", "createObjects");
}

function createPool({ objects: all }: Call, ...values: unknown[]): Promise<string> {
  const [given, description, productIdList, windowsSoftwareIds] = values;
  return all.transaction(async (objects) => {
    const id = isEmpty(given) ? await newId(objects, licensePools, "p") : given;
    const pool = fromHash(LicensePool, { id, description, productIds: productIds(productIdList) });
    await objects.write(licensePools, [pool], "insert", "createObjects");
    if (!isEmpty(windowsSoftwareIds)) await replacePrograms(objects, windowsSoftwareIds, pool.id);
    return pool.id;
  });
}

/** @param change what the product ids of the pool become */
async function changeProducts(
  { objects: all }: Call,
  given: unknown,
  change: (productIds: readonly string[]) => readonly string[],
): Promise<null> {
  const id = rule.licensePoolId.coerce(given);
  await all.transaction(async (objects) => {
    const [pool] = await objects.read(licensePools, [], { id });
    if (!pool) throw new OpsiError("BackendMissingDataError", `License pool '${id}' does not exist`);
    const changed = fromHash(LicensePool, { id, productIds: change(pool["productIds"] as readonly string[]) });
    await objects.write(licensePools, [changed], "update", "updateObject");
  });
  return null;
}

async function deletePool({ objects: all }: Call, given: unknown, withLicenses: unknown): Promise<null> {
  const licensePoolId = rule.licensePoolId.coerce(given);
  await all.transaction(async (objects) => {
    if (withLicenses) {
      const links = await objects.readIdents(softwareLicensesToLicensePools, { licensePoolId });
      const ids = links.map(({ softwareLicenseId }) => softwareLicenseId);
      if (ids.length > 0) await removeLicenses(objects, ids);
    }
    await deleteMatching(objects, licensePools, { id: licensePoolId });
  });
  return null;
}

/** Licenses with everything that refers to them. */
async function removeLicenses(objects: ProtectedStore, ids: readonly unknown[]): Promise<void> {
  await deleteMatching(objects, licenseOnClients, { softwareLicenseId: ids });
  await deleteMatching(objects, softwareLicensesToLicensePools, { softwareLicenseId: ids });
  await deleteMatching(objects, softwareLicenses, { id: ids });
}

async function deleteLicense({ objects: all }: Call, given: unknown, removeFromPools: unknown): Promise<null> {
  const id = rule.softwareLicenseId.coerce(given);
  await all.transaction(async (objects) => {
    if (removeFromPools) await deleteMatching(objects, softwareLicensesToLicensePools, { softwareLicenseId: id });
    await deleteMatching(objects, softwareLicenses, { id });
  });
  return null;
}

async function setUsage({ objects }: Call, ...values: unknown[]) {
  const [clientId, licensePoolId, softwareLicenseId, licenseKey, notes] = values;
  const usage = fromHash(LicenseOnClient, { softwareLicenseId, licensePoolId, clientId, licenseKey, notes });
  await objects.write(licenseOnClients, [usage], "insert", "createObjects");
  return {
    hostId: usage.clientId,
    softwareLicenseId: usage.softwareLicenseId,
    licensePoolId: usage.licensePoolId,
  };
}

export const licenseChangeMethods: readonly Method[] = legacyMethods({
  createLicenseContract: {
    signature: "licenseContractId='' partner='' conclusionDate='' notificationDate='' expirationDate='' notes=''",
    doc: "Creates a license contract and returns its id.",
    result: "str",
    alternative: "licenseContract_create",
    run: createContract,
  },
  deleteLicenseContract: {
    signature: "licenseContractId",
    doc: "Deletes a license contract.",
    alternative: "licenseContract_delete",
    run: async ({ objects }, id) => {
      await deleteMatching(objects, licenseContracts, { id: rule.licenseContractId.coerce(id) });
      return null;
    },
  },
  createSoftwareLicense: {
    signature:
      "softwareLicenseId='' licenseContractId='' licenseType='' maxInstallations=None boundToHost=None expirationDate=None",
    doc: "Creates a software license and returns its id.",
    result: "str",
    alternative: "softwareLicense_create",
    run: createLicense,
  },
  deleteSoftwareLicense: {
    signature: "softwareLicenseId removeFromPools=False",
    doc: "Deletes a software license.",
    alternative: "softwareLicense_delete",
    run: deleteLicense,
  },
  createLicensePool: {
    signature: "licensePoolId='' description='' productIds=None windowsSoftwareIds=None",
    doc: "Creates a license pool and returns its id.",
    result: "str",
    alternative: "licensePool_create",
    run: createPool,
  },
  deleteLicensePool: {
    signature: "licensePoolId deleteLicenses=False",
    doc: "Deletes a license pool, with its licenses if wanted.",
    alternative: "licensePool_delete",
    run: deletePool,
  },
  addSoftwareLicenseToLicensePool: {
    signature: "softwareLicenseId licensePoolId licenseKey=''",
    doc: "Puts a license into a pool.",
    alternative: "softwareLicenseToLicensePool_create",
    run: async ({ objects }, softwareLicenseId, licensePoolId, licenseKey) => {
      const link = fromHash(SoftwareLicenseToLicensePool, { softwareLicenseId, licensePoolId, licenseKey });
      await objects.write(softwareLicensesToLicensePools, [link], "insert", "createObjects");
      return null;
    },
  },
  removeSoftwareLicenseFromLicensePool: {
    signature: "softwareLicenseId licensePoolId",
    doc: "Takes a license out of a pool.",
    alternative: "softwareLicenseToLicensePool_delete",
    run: async ({ objects }, softwareLicenseId, licensePoolId) => {
      await deleteMatching(objects, softwareLicensesToLicensePools, {
        softwareLicenseId: rule.softwareLicenseId.coerce(softwareLicenseId),
        licensePoolId: rule.licensePoolId.coerce(licensePoolId),
      });
      return null;
    },
  },
  addProductIdsToLicensePool: {
    signature: "productIds licensePoolId",
    doc: "Adds products to a license pool.",
    alternative: "licensePool_updateObject",
    run: (call, added, pool) => {
      const ids = productIds(added);
      return changeProducts(call, pool, (existing) => [...new Set([...existing, ...ids])]);
    },
  },
  removeProductIdsFromLicensePool: {
    signature: "productIds licensePoolId",
    doc: "Takes products out of a license pool.",
    alternative: "licensePool_updateObject",
    run: (call, removed, pool) => {
      const ids = new Set(productIds(removed));
      return changeProducts(call, pool, (existing) => existing.filter((id) => !ids.has(id)));
    },
  },
  setWindowsSoftwareIdsToLicensePool: {
    signature: "windowsSoftwareIds licensePoolId",
    doc: "Says which programs of the inventory a license pool is for.",
    alternative: "auditSoftwareToLicensePool_createObjects",
    run: async ({ objects: all }, windowsSoftwareIds, pool) => {
      const id = rule.licensePoolId.coerce(pool);
      await all.transaction((objects) => replacePrograms(objects, windowsSoftwareIds, id));
      return null;
    },
  },
  setSoftwareLicenseUsage: {
    signature: "hostId licensePoolId softwareLicenseId licenseKey='' notes=''",
    doc: "Notes that a host uses a license.",
    result: "dict",
    alternative: "licenseOnClient_create",
    run: setUsage,
  },
});
