import { familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import type { Storage } from "../storage.ts";

export const [server, pc1, pc2] = ["server.example.org", "pc1.example.org", "pc2.example.org"] as const;

export function object(type: string, hash: Record<string, unknown>): OpsiObject {
  const found = objectTypes.get(type);
  if (!found) throw new Error(type);
  return fromHash(found, hash);
}
export const client = (id: string, more: Record<string, unknown> = {}) => object("OpsiClient", { id, ...more });
export const software = { name: "editor", version: "1", subVersion: "", language: "", architecture: "x64" };
export const version = { productVersion: "1", packageVersion: "2" };
const product = { productId: "p", productType: "LocalbootProduct" };

/** One object of each kind that hangs on a client, a product or a config. */
const objects: readonly OpsiObject[] = [
  object("OpsiConfigserver", { id: server }),
  client(pc1, { description: "one", hardwareAddress: "52:54:00:aa:bb:cc" }),
  client(pc2),
  object("LocalbootProduct", { id: "p", name: "P", ...version }),
  object("UnicodeProductProperty", { ...product, ...version, propertyId: "x", possibleValues: ["1"] }),
  object("ProductOnDepot", { ...product, ...version, depotId: server }),
  object("ProductOnClient", { ...product, ...version, clientId: pc1, installationStatus: "installed" }),
  object("ProductPropertyState", { productId: "p", propertyId: "x", objectId: pc1, values: ["1"] }),
  object("UnicodeConfig", { id: "color", possibleValues: ["red"] }),
  object("UnicodeConfig", { id: "other", possibleValues: ["1"] }),
  object("ConfigState", { configId: "color", objectId: pc1, values: ["red"] }),
  object("HostGroup", { id: "room" }),
  object("ObjectToGroup", { groupType: "HostGroup", groupId: "room", objectId: pc1 }),
  object("AuditSoftware", software),
  object("AuditSoftwareOnClient", { ...software, clientId: pc1 }),
  object("LicenseContract", { id: "c" }),
  object("LicensePool", { id: "pool" }),
  object("OEMSoftwareLicense", { id: "l", licenseContractId: "c", boundToHost: pc1 }),
  object("SoftwareLicenseToLicensePool", { softwareLicenseId: "l", licensePoolId: "pool" }),
  object("LicenseOnClient", { softwareLicenseId: "l", licensePoolId: "pool", clientId: pc1 }),
];
const piece = { type: "AuditHardwareOnHost", hardwareClass: "BIOS", hostId: pc1, name: "B" };

/** Writes one object of each kind. */
export function fill(storage: Storage): Promise<void> {
  return storage.transaction(async (store) => {
    for (const one of objects) await store.write(familyOf(objectTypes.get(one.type)?.prefix ?? ""), [one], "insert");
    await store.hardware.write("AuditHardwareOnHost", [piece], "insert");
  });
}

/** Prefixes of what the first client has one of each. */
export const ofClient =
  "productOnClient productPropertyState configState objectToGroup auditSoftwareOnClient licenseOnClient".split(" ");

/** How many there are, and pieces of hardware. */
export async function counts(
  storage: Storage,
  prefixes: readonly string[] = ofClient,
): Promise<Record<string, number>> {
  const pieces = await storage.hardware.count("AuditHardwareOnHost", {});
  const found = await Promise.all(prefixes.map(async (prefix) => [prefix, await storage.count(familyOf(prefix))]));
  return { ...Object.fromEntries(found), pieces };
}

/** What `counts` says when there is this number of everything. */
export const same = (number: number) => Object.fromEntries([...ofClient, "pieces"].map((name) => [name, number]));
