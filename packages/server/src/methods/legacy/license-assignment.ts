import { hostIds, isEmpty } from "../arguments.ts";
import type { Call, Method } from "../declare.ts";
import { licenseOnClients } from "../families.ts";
import { poolId } from "../license-pool.ts";
import { getOrCreateLicense } from "../license-usage.ts";
import { deleteMatching } from "../objects.ts";
import { productPropertyValues } from "../product-property-values.ts";
import { legacyMethods } from "./legacy-methods.ts";
import { joinedValues } from "./legacy-values.ts";

/* How old scripts get licenses. (methods 16.5) */

async function assigned(call: Call, hostId: unknown, pool: unknown, productId: unknown, windowsSoftwareId: unknown) {
  return getOrCreateLicense(call, hostId, await poolId(call.objects, pool, productId, windowsSoftwareId), null, null);
}

/** Where nobody manages licenses, the key stands in a property of the product. */
async function propertyKey(call: Call, hostId: unknown, productId: unknown): Promise<string> {
  const [ofHost] = (await productPropertyValues(call, productId, "productkey", hostId)).values();
  const [ofProduct] = ofHost?.values() ?? [];
  return joinedValues(ofProduct?.get("productkey"));
}

async function assignedKey(
  call: Call,
  hostId: unknown,
  pool: unknown,
  productId: unknown,
  windowsSoftwareId: unknown,
): Promise<unknown> {
  try {
    return (await assigned(call, hostId, pool, productId, windowsSoftwareId))["licenseKey"];
  } catch (error) {
    const key = isEmpty(productId) ? "" : await propertyKey(call, hostId, productId).catch(() => "");
    if (key === "") throw error;
    return key;
  }
}

async function releaseAll({ objects }: Call, given: unknown): Promise<null> {
  const clientId = hostIds(given);
  if (clientId.length > 0) await deleteMatching(objects, licenseOnClients, { clientId });
  return null;
}

export const licenseAssignmentMethods: readonly Method[] = legacyMethods({
  getLicensePoolId: {
    signature: "productId='' windowsSoftwareId=''",
    doc: "The pool with the licenses of a product or program.",
    result: "str",
    alternative: "licensePool_getIdents",
    run: ({ objects }, productId, windowsSoftwareId) => poolId(objects, "", productId, windowsSoftwareId),
  },
  getOrCreateSoftwareLicenseUsage_hash: {
    signature: "hostId licensePoolId='' productId='' windowsSoftwareId=''",
    doc: "The license of a pool that a host uses; without one it gets a free one.",
    alternative: "licenseOnClient_getOrCreateObject",
    run: async (call, ...values) => {
      const [hostId, pool, productId, windowsSoftwareId] = values;
      return { ...(await assigned(call, hostId, pool, productId, windowsSoftwareId)) };
    },
  },
  getAndAssignSoftwareLicenseKey: {
    signature: "hostId licensePoolId='' productId='' windowsSoftwareId=''",
    doc: "The key of the license that a host uses, else that of the product's property.",
    result: "str",
    alternative: "licenseOnClient_getOrCreateObject",
    run: assignedKey,
  },
  getLicenseKey: {
    signature: "productId clientId",
    doc: "The key of the license that a client uses, else that of the product's property.",
    result: "str",
    alternative: "licenseOnClient_getOrCreateObject",
    run: (call, productId, clientId) => assignedKey(call, clientId, "", productId, ""),
  },
  deleteAllSoftwareLicenseUsages: {
    signature: "hostIds",
    doc: "Gives all licenses of hosts back.",
    alternative: "licenseOnClient_delete",
    run: releaseAll,
  },
});
