import {
  compareText,
  fromHash,
  LicenseOnClient,
  OpsiError,
  type OpsiObject,
  rule,
  setDefaults,
  toHash,
} from "@opsi-ts/model";
import type { ProtectedStore } from "../access-control/protected-objects.ts";
import type { ObjectStore } from "../backends/storage.ts";
import { isEmpty } from "./arguments.ts";
import { type Call, type Method, parameters } from "./declare.ts";
import { licenseOnClients, softwareLicenses, softwareLicensesToLicensePools } from "./families.ts";
import { poolId, poolOfLicense } from "./license-pool.ts";
import { deleteMatching } from "./objects.ts";

/**
 * A license of the pool that the client may use: one that is bound to it, else the first that is bound to nobody and
 * has installations left. All installations count, whoever asks. (objects 6.9 step 4)
 *
 * @throws LicenseMissingError
 */
async function freeLicense(
  objects: ProtectedStore,
  store: ObjectStore,
  links: readonly OpsiObject[],
  pool: string,
  clientId: string,
): Promise<string> {
  if (links.length === 0) throw new OpsiError("LicenseMissingError", `No licenses in pool '${pool}'`);
  const ids = links.map(({ softwareLicenseId }) => softwareLicenseId);
  const licenses = await objects.read(softwareLicenses, ["maxInstallations", "boundToHost"], { id: ids });
  licenses.sort((a, b) => compareText(String(a["id"]), String(b["id"])));
  const bound = licenses.find(({ boundToHost }) => boundToHost === clientId);
  if (bound) return String(bound["id"]);
  for (const { id, boundToHost, maxInstallations } of licenses) {
    if (!isEmpty(boundToHost)) continue;
    const limit = Number(maxInstallations);
    if (limit === 0) return String(id);
    if ((await store.count(licenseOnClients, { filter: { softwareLicenseId: id } })) < limit) return String(id);
  }
  const text = `No license available for pool '${pool}' and client '${clientId}', or all remaining licenses are bound to a different host.`;
  throw new OpsiError("LicenseMissingError", text);
}

/**
 * The key of the license in the pool, else one of the pool's other licenses. The original takes any of them; we take
 * one that the fewest clients have, as keys can be used up. (objects 6.9 step 5)
 */
async function licenseKey(
  store: ObjectStore,
  links: readonly OpsiObject[],
  pool: string,
  softwareLicenseId: string,
): Promise<string> {
  const keyOf = (object: OpsiObject | undefined) => String(object?.["licenseKey"] ?? "");
  const own = keyOf(links.find((link) => link["softwareLicenseId"] === softwareLicenseId));
  const keys = [...new Set(links.map(keyOf))].filter((key) => key !== "");
  if (own !== "" || keys.length < 2) return own || (keys[0] ?? "");
  const uses = await store.read(licenseOnClients, { attributes: ["licenseKey"], filter: { licensePoolId: pool } });
  const usesOf = Map.groupBy(uses, keyOf);
  const count = (key: string) => usesOf.get(key)?.length ?? 0;
  return keys.reduce((best, key) => (count(key) <= count(best) ? key : best));
}

/**
 * The license of a pool that a client uses; without one it gets one. All of it is one transaction: two clients never
 * get the same last license. (objects 6.9)
 */
export function getOrCreateLicense(
  call: Call,
  givenClientId: unknown,
  licensePoolId: unknown,
  productId: unknown,
  windowsSoftwareId: unknown,
): Promise<OpsiObject> {
  const clientId = rule.hostId.coerce(givenClientId);
  return call.objects.transaction(async (objects, store) => {
    const pool = await poolOfLicense(objects, licensePoolId, productId, windowsSoftwareId);
    const [used] = await objects.read(licenseOnClients, [], { licensePoolId: pool, clientId });
    if (used) return used;
    // a client sees no keys of licences, and gets one here
    const filter = { licensePoolId: pool };
    const seen = await objects.readIdents(softwareLicensesToLicensePools, filter);
    const links = seen.length === 0 ? [] : await store.read(softwareLicensesToLicensePools, { filter });
    const softwareLicenseId = await freeLicense(objects, store, links, pool, clientId);
    const key = await licenseKey(store, links, pool, softwareLicenseId);
    const created = setDefaults(
      fromHash(LicenseOnClient, { softwareLicenseId, licensePoolId: pool, clientId, licenseKey: key }),
    );
    await objects.write(licenseOnClients, [created], "insert", "createObjects");
    return created;
  });
}

/** Gives licenses of a pool back: all that the host has of it where no license is named. */
async function releaseLicenses(
  { objects }: Call,
  hostId: unknown,
  softwareLicenseId: unknown,
  licensePoolId: unknown,
  productId: unknown,
  windowsSoftwareId: unknown,
): Promise<null> {
  const pool = await poolId(objects, licensePoolId, productId, windowsSoftwareId);
  await deleteMatching(objects, licenseOnClients, {
    clientId: rule.hostId.coerce(hostId),
    licensePoolId: pool,
    softwareLicenseId: isEmpty(softwareLicenseId) ? null : rule.softwareLicenseId.coerce(softwareLicenseId),
  });
  return null;
}

/** (methods 13) */
export const licenseUsageMethods: readonly Method[] = [
  {
    name: "licenseOnClient_getOrCreateObject",
    doc: "The license of a pool that a client uses; without one it gets a free one.",
    parameters: parameters("clientId licensePoolId=None productId=None windowsSoftwareId=None"),
    result: "LicenseOnClient",
    access: "objects",
    run: async (call, clientId, licensePoolId, productId, windowsSoftwareId) =>
      toHash(await getOrCreateLicense(call, clientId, licensePoolId, productId, windowsSoftwareId)),
  },
  {
    name: "deleteSoftwareLicenseUsage",
    doc: "Gives the licenses of a pool that a host uses back.",
    parameters: parameters("hostId softwareLicenseId=None licensePoolId=None productId='' windowsSoftwareId=''"),
    access: "objects",
    run: releaseLicenses,
  },
];
