import { familyOf } from "@opsi-ts/model";

/** The families that methods speak of by name. */
export const hosts = familyOf("host");
export const configs = familyOf("config");
export const configStates = familyOf("configState");
export const groups = familyOf("group");
export const objectToGroups = familyOf("objectToGroup");
export const products = familyOf("product");
export const productDependencies = familyOf("productDependency");
export const productProperties = familyOf("productProperty");
export const productPropertyStates = familyOf("productPropertyState");
export const productsOnDepots = familyOf("productOnDepot");
export const productsOnClients = familyOf("productOnClient");
export const licenseOnClients = familyOf("licenseOnClient");
export const licenseContracts = familyOf("licenseContract");
export const licensePools = familyOf("licensePool");
export const softwareLicenses = familyOf("softwareLicense");
export const softwareLicensesToLicensePools = familyOf("softwareLicenseToLicensePool");
export const auditSoftware = familyOf("auditSoftware");
export const auditSoftwareOnClients = familyOf("auditSoftwareOnClient");
export const auditSoftwareToLicensePools = familyOf("auditSoftwareToLicensePool");
export const users = familyOf("user");
