import { depot, type FaultSite, other, own } from "./fault-site.ts";

/** Texts that only administrators may see, by what they are. */
export const secrets = {
  oneTimePassword: "Once-Only-9876543210",
  notesOfOther: "private remark about pc2",
  licenseKey: "LICENSE-KEY-OF-OTHER-12345",
  monitoring: "Monitoring-Pass-6543",
  logOfOther: "log line of pc2",
};

const software = { name: "app", version: "1", subVersion: "", language: "", architecture: "x64" };

/** A small site with objects of every type, most of them twice: one of the client that asks, one of another. */
export async function seed(site: FaultSite): Promise<void> {
  const both = [own.id, other.id];
  await site.must("host_createOpsiDepotserver", depot.id, depot.key, "file:///var/lib/opsi/depot");
  await site.must("host_createObjects", [
    { type: "OpsiClient", id: own.id, opsiHostKey: own.key, notes: "mine", hardwareAddress: "00:11:22:33:44:01" },
    {
      ...{ type: "OpsiClient", id: other.id, opsiHostKey: other.key, notes: secrets.notesOfOther },
      ...{ oneTimePassword: secrets.oneTimePassword, hardwareAddress: "00:11:22:33:44:02" },
    },
  ]);
  const version = { productVersion: "1.0", packageVersion: "1" };
  await site.must("product_createObjects", [
    { type: "LocalbootProduct", id: "prod", name: "prod", setupScript: "setup.opsiscript", ...version },
    { type: "LocalbootProduct", id: "needed", name: "needed", setupScript: "setup.opsiscript", ...version },
  ]);
  await site.must("productOnDepot_createObjects", [
    { type: "ProductOnDepot", productId: "prod", productType: "LocalbootProduct", depotId: depot.id, ...version },
  ]);
  await site.must("productDependency_createObjects", [
    {
      ...{ type: "ProductDependency", productId: "prod", productAction: "setup", requiredProductId: "needed" },
      ...{ requiredAction: "setup", ...version },
    },
  ]);
  await site.must("productProperty_createObjects", [
    {
      ...{ type: "UnicodeProductProperty", productId: "prod", propertyId: "prop", possibleValues: ["a", "b"] },
      ...{ defaultValues: ["a"], ...version },
    },
  ]);
  const product = { productId: "prod", productType: "LocalbootProduct" };
  await site.must(
    "productOnClient_createObjects",
    both.map((clientId) => ({ type: "ProductOnClient", clientId, ...product, actionRequest: "setup" })),
  );
  await site.must(
    "productPropertyState_createObjects",
    both.map((objectId) => ({
      ...{ type: "ProductPropertyState", productId: "prod", propertyId: "prop", objectId, values: ["b"] },
    })),
  );
  await site.must("config_createObjects", [
    { type: "UnicodeConfig", id: "conf", possibleValues: ["x", "y"], defaultValues: ["x"] },
  ]);
  await site.must(
    "configState_createObjects",
    both.map((objectId) => ({ type: "ConfigState", configId: "conf", objectId, values: ["y"] })),
  );
  await site.must("group_createObjects", [{ type: "HostGroup", id: "group" }]);
  await site.must(
    "objectToGroup_createObjects",
    both.map((objectId) => ({ type: "ObjectToGroup", groupType: "HostGroup", groupId: "group", objectId })),
  );
  await site.must("auditSoftware_createObjects", [{ type: "AuditSoftware", ...software }]);
  await seedLicenses(site);
  await site.must(
    "auditSoftwareOnClient_createObjects",
    both.map((clientId) => ({ type: "AuditSoftwareOnClient", clientId, ...software })),
  );
  await site.must(
    "auditHardwareOnHost_createObjects",
    both.map((hostId) => ({
      type: "AuditHardwareOnHost",
      hostId,
      hardwareClass: "BIOS",
      vendor: `vendor of ${hostId}`,
    })),
  );
  await site.must("user_setCredentials", "monitoring", secrets.monitoring);
  await site.must("log_write", "instlog", `${secrets.logOfOther}\n`, other.id);
  await site.must("log_write", "instlog", "log line of pc1\n", own.id);
}

async function seedLicenses(site: FaultSite): Promise<void> {
  const license = { softwareLicenseId: "license", licensePoolId: "pool", licenseKey: secrets.licenseKey };
  await site.must("licenseContract_createObjects", [{ type: "LicenseContract", id: "contract" }]);
  await site.must("softwareLicense_createObjects", [
    { type: "RetailSoftwareLicense", id: "license", licenseContractId: "contract", maxInstallations: 5 },
  ]);
  await site.must("licensePool_createObjects", [{ type: "LicensePool", id: "pool", productIds: ["prod"] }]);
  await site.must("softwareLicenseToLicensePool_createObjects", [{ type: "SoftwareLicenseToLicensePool", ...license }]);
  await site.must("auditSoftwareToLicensePool_createObjects", [
    { type: "AuditSoftwareToLicensePool", ...software, licensePoolId: "pool" },
  ]);
  await site.must("licenseOnClient_createObjects", [{ type: "LicenseOnClient", ...license, clientId: other.id }]);
}
