import { OpsiError, type OpsiObject, pythonRepr, rule } from "@opsi-ts/model";
import type { ProtectedStore } from "../access-control/protected-objects.ts";
import { isEmpty, isPlainText } from "./arguments.ts";
import { auditSoftware, auditSoftwareToLicensePools, licensePools } from "./families.ts";
import { namesFilter, softwareKey } from "./software-key.ts";

/** Programs by the ids that Windows has for them. Ids are compared as they are: they may look like wildcards. */
export async function softwareWithWindowsIds(objects: ProtectedStore, ids: readonly string[]): Promise<OpsiObject[]> {
  if (ids.length === 0) return [];
  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  const found = await objects.read(auditSoftware, [], ids.every(isPlainText) ? { windowsSoftwareId: [...wanted] } : {});
  return found.filter((software) => wanted.has(String(software["windowsSoftwareId"]).toLowerCase()));
}

/** Ids of the pools with a product, else of those with a program of the inventory; a pool can be there twice. */
async function matchingPools(objects: ProtectedStore, productId: unknown, windowsSoftwareId: unknown) {
  if (!isEmpty(productId)) {
    const pools = await objects.readIdents(licensePools, { productIds: [rule.productId.coerce(productId)] });
    return pools.map(({ id }) => String(id));
  }
  const software = await softwareWithWindowsIds(objects, [rule.string.coerce(windowsSoftwareId)]);
  if (software.length === 0) return [];
  const assigned = await objects.read(auditSoftwareToLicensePools, [], namesFilter(software));
  return software.flatMap((program) => {
    const first = assigned.find((assignment) => softwareKey(assignment) === softwareKey(program));
    return first ? [String(first["licensePoolId"])] : [];
  });
}

const shown = (value: unknown) => (value === null || value === undefined ? "None" : String(value));

/** @throws LicenseConfigurationError where not exactly one pool fits; it shows the pools if `listsPools` */
async function onlyPool(
  objects: ProtectedStore,
  productId: unknown,
  windowsSoftwareId: unknown,
  listsPools: boolean,
): Promise<string> {
  const pools = await matchingPools(objects, productId, windowsSoftwareId);
  const [pool] = pools;
  if (pool !== undefined && pools.length === 1) return pool;
  const what = `for product id '${shown(productId)}', windowsSoftwareId '${shown(windowsSoftwareId)}' found`;
  const text = pools.length === 0 ? `No license pool ${what}` : `Multiple license pools ${what}`;
  const list = listsPools && pools.length > 0 ? `: ${pythonRepr(pools)}` : "";
  throw new OpsiError("LicenseConfigurationError", `${text}${list}`);
}

/**
 * The pool that a license is to come from. (objects 6.9 steps 1 and 2)
 *
 * @throws ValueError where nothing says which pool
 * @throws LicenseConfigurationError where the pool does not exist or more than one fits
 */
export async function poolOfLicense(
  objects: ProtectedStore,
  licensePoolId: unknown,
  productId: unknown,
  windowsSoftwareId: unknown,
): Promise<string> {
  let pool: string;
  if (!isEmpty(licensePoolId)) pool = rule.licensePoolId.coerce(licensePoolId);
  else if (isEmpty(productId) && isEmpty(windowsSoftwareId)) {
    throw new OpsiError("ValueError", "You have to specify one of: licensePoolId, productId, windowsSoftwareId");
  } else pool = await onlyPool(objects, productId, windowsSoftwareId, true);
  if ((await objects.readIdents(licensePools, { id: pool })).length === 0) {
    throw new OpsiError("LicenseConfigurationError", `License pool '${pool}' not found`, { field: "licensePoolId" });
  }
  return pool;
}

/**
 * The pool as the old methods look for it. (methods 16.5)
 *
 * @throws BackendBadValueError where nothing says which pool
 */
export async function poolId(
  objects: ProtectedStore,
  licensePoolId: unknown,
  productId: unknown,
  windowsSoftwareId: unknown,
): Promise<string> {
  if (!isEmpty(licensePoolId)) return rule.licensePoolId.coerce(licensePoolId);
  if (isEmpty(productId) && isEmpty(windowsSoftwareId)) {
    throw new OpsiError("BackendBadValueError", "Neither product id nor windows software id given.");
  }
  return onlyPool(objects, productId, windowsSoftwareId, false);
}
