import { type Family, families } from "@opsi-ts/model";

const byPrefix = new Map(families.map((family) => [family.prefix, family]));

function named(prefix: string): Family {
  const family = byPrefix.get(prefix);
  if (!family) throw new Error(`No object family with prefix ${prefix}`);
  return family;
}

/** The families that methods speak of by name. */
export const hosts = named("host");
export const configs = named("config");
export const configStates = named("configState");
export const groups = named("group");
export const objectToGroups = named("objectToGroup");
export const products = named("product");
export const productDependencies = named("productDependency");
export const productProperties = named("productProperty");
export const productPropertyStates = named("productPropertyState");
export const productsOnDepots = named("productOnDepot");
export const productsOnClients = named("productOnClient");
export const licenseOnClients = named("licenseOnClient");
export const licenseContracts = named("licenseContract");
export const licensePools = named("licensePool");
export const softwareLicenses = named("softwareLicense");
export const softwareLicensesToLicensePools = named("softwareLicenseToLicensePool");
export const auditSoftware = named("auditSoftware");
export const auditSoftwareOnClients = named("auditSoftwareOnClient");
export const auditSoftwareToLicensePools = named("auditSoftwareToLicensePool");
export const users = named("user");
