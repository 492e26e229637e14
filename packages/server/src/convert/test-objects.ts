import { defaultHardwareTypes, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";
import { isHardware, objectTypeNames, restore } from "../backup/object-types.ts";

const product = { productVersion: "1.0", packageVersion: "2" };
const software = { name: "Editor", version: "5", subVersion: "", language: "de", architecture: "x64" };
const license = { softwareLicenseId: "license", licensePoolId: "pool" };

/** Objects of every class that refer to each other, by the class of their family. */
export function everyKind(clients = 3): Record<string, Record<string, unknown>[]> {
  const ids = Array.from({ length: clients }, (_, index) => `pc${index}.example.org`);
  const byClient = (make: (clientId: string) => Record<string, unknown>) => ids.map(make);
  return {
    User: [{ type: "User", id: "anna", mfaState: "inactive" }],
    Host: [
      { type: "OpsiConfigserver", id: "opsi.example.org", opsiHostKey: "0".repeat(32), isMasterDepot: true },
      { type: "OpsiDepotserver", id: "depot.example.org", opsiHostKey: "1".repeat(32), description: "Süd; # 2\nzwei" },
      ...byClient((id) => ({
        ...{ type: "OpsiClient", id, opsiHostKey: "2".repeat(32), created: "2024-01-02 03:04:05" },
        ...{ systemUUID: `00000000-0000-0000-0000-${id.replace(/\D/g, "").padStart(12, "0")}`, description: null },
      })),
    ],
    Config: [
      { type: "UnicodeConfig", id: "a.text", possibleValues: ["a", "ü"], defaultValues: ["ü"], multiValue: true },
      { type: "BoolConfig", id: "a.bool", defaultValues: [true] },
    ],
    ConfigState: byClient((objectId) => ({ type: "ConfigState", configId: "a.text", objectId, values: ["b", "😀"] })),
    Product: [
      { type: "LocalbootProduct", id: "editor", ...product, name: "Editor", description: "eins\n\nzwei", priority: 5 },
      { type: "NetbootProduct", id: "linux", ...product, name: "Linux", pxeConfigTemplate: "install" },
    ],
    ProductProperty: [
      {
        ...{ type: "UnicodeProductProperty", productId: "editor", ...product, propertyId: "lang", editable: true },
        ...{ possibleValues: ["de", "en"], defaultValues: ["de"], multiValue: false },
      },
      { type: "BoolProductProperty", productId: "editor", ...product, propertyId: "icon", defaultValues: [false] },
    ],
    ProductDependency: [
      {
        ...{ type: "ProductDependency", productId: "editor", ...product, productAction: "setup" },
        ...{ requiredProductId: "linux", requiredAction: "setup", requirementType: "before" },
      },
    ],
    ProductOnDepot: ["opsi.example.org", "depot.example.org"].map((depotId) => {
      return { type: "ProductOnDepot", productId: "editor", productType: "LocalbootProduct", ...product, depotId };
    }),
    ProductOnClient: byClient((clientId) => ({
      ...{ type: "ProductOnClient", productId: "editor", productType: "LocalbootProduct", clientId, ...product },
      ...{ installationStatus: "installed", actionRequest: "none", modificationTime: "2024-01-02 03:04:05" },
    })),
    ProductPropertyState: byClient((objectId) => {
      return { type: "ProductPropertyState", productId: "editor", propertyId: "lang", objectId, values: ["en"] };
    }),
    Group: [
      { type: "HostGroup", id: "room", description: "Raum" },
      { type: "ProductGroup", id: "office" },
    ],
    ObjectToGroup: byClient((objectId) => {
      return { type: "ObjectToGroup", groupType: "HostGroup", groupId: "room", objectId };
    }),
    AuditSoftware: [{ type: "AuditSoftware", ...software, windowsDisplayName: "Editor" }],
    AuditSoftwareOnClient: byClient((clientId) => ({
      ...{ type: "AuditSoftwareOnClient", ...software, clientId, state: 1, usageFrequency: -1 },
      ...{ firstseen: "2024-01-02 03:04:05", lastseen: "2024-01-02 03:04:05" },
    })),
    AuditHardware: [{ hardwareClass: "BIOS", name: "Bios", vendor: "Böhm" }],
    // Two of them are equal: two that were stored by two programs at once.
    AuditHardwareOnHost: [...ids, "pc0.example.org"].map((hostId) => ({
      ...{ hardwareClass: "BIOS", name: "Bios", vendor: "Böhm", hostId, serialNumber: "7", state: 1 },
      ...{ firstseen: "2024-01-02 03:04:05", lastseen: "2024-01-02 03:04:05" },
    })),
    LicenseContract: [{ type: "LicenseContract", id: "contract", description: "Vertrag" }],
    SoftwareLicense: [{ type: "RetailSoftwareLicense", id: "license", licenseContractId: "contract" }],
    LicensePool: [{ type: "LicensePool", id: "pool", productIds: ["editor", "linux"] }],
    AuditSoftwareToLicensePool: [{ type: "AuditSoftwareToLicensePool", ...software, licensePoolId: "pool" }],
    SoftwareLicenseToLicensePool: [{ type: "SoftwareLicenseToLicensePool", ...license, licenseKey: "ABC" }],
    LicenseOnClient: [{ type: "LicenseOnClient", ...license, clientId: "pc0.example.org", licenseKey: "ABC" }],
  };
}

export function objectOf(name: string, hash: Record<string, unknown>): OpsiObject {
  if (isHardware(name)) return defaultHardwareTypes.fromHash(name, hash);
  const type = objectTypes.get(String(hash["type"]));
  if (!type) throw new Error(`${hash["type"]} is no type`);
  return fromHash(type, hash);
}

/** Writes objects as if they had always been there. */
export async function fill(storage: Storage, site: ReturnType<typeof everyKind>): Promise<void> {
  for (const name of objectTypeNames) {
    const objects = (site[name] ?? []).map((hash) => objectOf(name, hash));
    if (objects.length > 0) await storage.transaction((store) => restore(store, name, objects));
  }
}
