import { depot, own, server } from "../faults/fault-site.ts";
import { callsOf, type MethodDescription } from "../faults/sweep.ts";

const version = { productVersion: "1.0", packageVersion: "1" };
const product = { productId: "prod", productType: "LocalbootProduct" };
const software = { name: "app", version: "1", subVersion: "", language: "", architecture: "x64" };
const license = { softwareLicenseId: "license", licensePoolId: "pool" };
const values = { possibleValues: ["a", "b", "c"], defaultValues: ["c"] };

/** An object of each family that exists, about the client where it is about a host, with something changed. */
const changed: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  host: { type: "OpsiClient", id: own.id, notes: "changed" },
  config: { type: "UnicodeConfig", id: "conf", possibleValues: ["x", "z"], defaultValues: ["z"] },
  configState: { type: "ConfigState", configId: "conf", objectId: own.id, values: ["changed"] },
  group: { type: "HostGroup", id: "group", notes: "changed" },
  objectToGroup: { type: "ObjectToGroup", groupType: "HostGroup", groupId: "group", objectId: own.id },
  product: { type: "LocalbootProduct", id: "prod", ...version, name: "changed" },
  productProperty: { type: "UnicodeProductProperty", productId: "prod", propertyId: "prop", ...version, ...values },
  productDependency: {
    ...{
      type: "ProductDependency",
      productId: "prod",
      productAction: "setup",
      requiredProductId: "needed",
      ...version,
    },
    requiredAction: "update",
  },
  productOnDepot: { type: "ProductOnDepot", depotId: depot.id, ...product, ...version, locked: true },
  productOnClient: { type: "ProductOnClient", clientId: own.id, ...product, actionRequest: "uninstall" },
  productPropertyState: {
    ...{ type: "ProductPropertyState", productId: "prod", propertyId: "prop", objectId: own.id, values: ["c"] },
  },
  licenseContract: { type: "LicenseContract", id: "contract", notes: "changed" },
  softwareLicense: { type: "RetailSoftwareLicense", id: "license", licenseContractId: "contract", maxInstallations: 7 },
  licensePool: { type: "LicensePool", id: "pool", description: "changed" },
  softwareLicenseToLicensePool: { type: "SoftwareLicenseToLicensePool", ...license, licenseKey: "changed" },
  auditSoftwareToLicensePool: { type: "AuditSoftwareToLicensePool", ...software, licensePoolId: "pool" },
  licenseOnClient: { type: "LicenseOnClient", ...license, clientId: own.id, notes: "changed" },
  auditSoftware: { type: "AuditSoftware", ...software, windowsDisplayName: "changed" },
  auditSoftwareOnClient: { type: "AuditSoftwareOnClient", clientId: own.id, ...software, uninstallString: "changed" },
  auditHardware: { type: "AuditHardware", hardwareClass: "BIOS", vendor: "changed" },
  auditHardwareOnHost: { type: "AuditHardwareOnHost", hostId: own.id, hardwareClass: "BIOS", vendor: "changed" },
  user: { type: "User", id: "guest", mfaState: "changed" },
};

/** Of these there may be one with each ident, so that a change of one is another one. */
const madeAnew: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  objectToGroup: { ...changed["objectToGroup"], objectId: "no-member.corpus.test" },
  auditSoftwareToLicensePool: { ...changed["auditSoftwareToLicensePool"], name: "another" },
};

/** A commodity that nothing hangs on. */
const spare: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  licenseContract: { type: "LicenseContract", id: "spare" },
  softwareLicense: { type: "RetailSoftwareLicense", id: "unpooled", licenseContractId: "contract" },
  licensePool: { type: "LicensePool", id: "spare" },
  softwareLicenseToLicensePool: { type: "SoftwareLicenseToLicensePool", ...license, softwareLicenseId: "spare" },
};

/** Calls of the methods that every family of objects has. */
function familyCalls(name: string): unknown[][] | null {
  const [, family = "", verb = ""] =
    /^([a-z]\w*?)_(insertObject|updateObject|createObjects|updateObjects|deleteObjects)$/.exec(name) ?? [];
  const object = changed[family];
  if (object === undefined) return null;
  if (verb === "deleteObjects") return [[[spare[family] ?? stored[family] ?? object]]];
  const given = verb === "updateObject" ? object : (madeAnew[family] ?? object);
  return [[verb.endsWith("Objects") ? [given] : given]];
}

/** Hardware is deleted by all its attributes. */
const stored: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  auditHardware: { type: "AuditHardware", hardwareClass: "BIOS", vendor: `vendor of ${own.id}` },
  auditHardwareOnHost: { ...changed["auditHardwareOnHost"], vendor: `vendor of ${own.id}` },
};

const requested = [{ type: "ProductOnClient", clientId: own.id, ...product, actionRequest: "setup" }];

/** Calls that make sense where values that only fit the names of parameters do not, or would do harm. */
const written: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  SSHCommand_createObject: [["new", ["true"]]],
  SSHCommand_createObjects: [[[{ menuText: "new", commands: ["true"] }]]],
  SSHCommand_deleteObject: [["menu"]],
  SSHCommand_deleteObjects: [[["menu"]]],
  SSHCommand_getObject: [["menu"]],
  SSHCommand_getObjects: [[]],
  SSHCommand_updateObject: [["menu", ["false"]]],
  SSHCommand_updateObjects: [[[{ menuText: "menu", commands: ["false"] }]]],
  addProductIdsToLicensePool: [[["needed"], "pool"]],
  auditHardware_create: [["BIOS", { vendor: "made" }]],
  auditHardwareOnHost_create: [[own.id, "BIOS", null, null, null, { vendor: "made" }]],
  auditSoftware_create: [["made", "1", "", "", "x64"]],
  auditSoftwareOnClient_create: [["app", "1", "", "", "x64", own.id, "made"]],
  auditSoftwareToLicensePool_create: [["made", "1", "", "", "x64", "pool"]],
  backend_createBase: [[]],
  backend_deleteBase: [[]],
  backend_exit: [[]],
  backend_getOptions: [[]],
  backend_setOptions: [[{}]],
  config_createBool: [["made.by.caller", "text", [true]]],
  config_createUnicode: [["made.by.caller", "text", ["a"], ["a"]]],
  config_updateMessageOfTheDay: [["Hello"]],
  createClient: [["made", "corpus.test"]],
  createDepot: [["made", "corpus.test", "file:///x", "smb://made/x", "file:///y", "webdavs://made/y", "192.0.2.0/24"]],
  createOpsiBase: [[]],
  createProductDependency: [["prod", "uninstall", "needed", "", "uninstall"]],
  createServer: [["made", "corpus.test"]],
  createSoftwareLicense: [["made", "contract", "RETAIL"]],
  deleteAllSoftwareLicenseUsages: [[[own.id]]],
  deleteLicenseContract: [["spare"]],
  deleteProductPropertyDefinition: [["prod", "prop"]],
  deleteProductPropertyDefinitions: [["prod", [depot.id]]],
  deleteSoftwareLicense: [["spare", true]],
  deleteSoftwareLicenseUsage: [[own.id, "license", "pool"]],
  depot_acquireTransferSlot: [[depot.id, own.id]],
  depot_createMd5SumFile: [["/var/lib/opsi/depot/readable.txt", "/var/lib/opsi/depot/readable.txt.md5"]],
  depot_createPackageContentFile: [["prod"]],
  depot_createZsyncFile: [["/var/lib/opsi/depot/readable.txt", "/var/lib/opsi/depot/readable.txt.zsync"]],
  depot_getDiskSpaceUsage: [["/var/lib/opsi/depot"]],
  depot_getMD5Sum: [["/var/lib/opsi/depot/readable.txt"]],
  depot_librsyncSignature: [["/var/lib/opsi/depot/readable.txt"]],
  depot_listTransferSlot: [[depot.id]],
  depot_releaseTransferSlot: [[depot.id, own.id, "8f6b7c1a-4444-4000-8000-000000000001"]],
  dhcpd_deleteHost: [[own.id]],
  dhcpd_updateHost: [[changed["host"]]],
  exit: [[]],
  getClientIdByMac: [["00:11:22:33:44:01"]],
  getClientsWithOutdatedProduct: [["old"]],
  getProvidedLocalBootProductIds_list: [[depot.id]],
  getProvidedNetBootProductIds_list: [[depot.id]],
  getClientsOnDepot: [[[server.id]]],
  getDiskSpaceUsage: [["/var/lib/opsi/depot"]],
  getGeneralConfigValue: [["conf", own.id]],
  getMD5Sum: [["/var/lib/opsi/depot/readable.txt"]],
  getNetworkConfigValue: [["depotId", own.id]],
  getPcpatchPassword: [[own.id]],
  group_rename: [["group", "renamed"]],
  hostControlSafe_execute: [["true", [own.id]]],
  hostControlSafe_fireEvent: [["on_demand", [own.id]]],
  hostControlSafe_getActiveSessions: [[[own.id]]],
  hostControlSafe_opsiclientdRpc: [["backend_info", [], [own.id]]],
  hostControlSafe_reachable: [[[own.id]]],
  hostControlSafe_reboot: [[[own.id]]],
  hostControlSafe_showPopup: [["Hello", [own.id]]],
  hostControlSafe_shutdown: [[[own.id]]],
  hostControlSafe_start: [[[own.id]]],
  hostControlSafe_uptime: [[[own.id]]],
  hostControl_execute: [["true", [own.id]]],
  hostControl_fireEvent: [["on_demand", [own.id]]],
  hostControl_getActiveSessions: [[[own.id]]],
  hostControl_opsiclientdRpc: [["backend_info", [], [own.id]]],
  hostControl_processActionRequests: [[[own.id]]],
  hostControl_reachable: [[[own.id]]],
  hostControl_reboot: [[[own.id]]],
  hostControl_showPopup: [["Hello", [own.id]]],
  hostControl_shutdown: [[[own.id]]],
  hostControl_start: [[[own.id]]],
  hostControl_uptime: [[[own.id]]],
  host_getMessagebusConnectedIds: [[]],
  host_renameOpsiClient: [[own.id, "new.corpus.test"]],
  host_renameOpsiDepotserver: [["depot2.corpus.test", "new.corpus.test"]],
  librsyncSignature: [["/var/lib/opsi/depot/readable.txt"]],
  licenseContract_delete: [["spare"]],
  licensePool_delete: [["spare"]],
  log_read: [["instlog", own.id]],
  log_write: [["instlog", "a line\n", own.id]],
  network_sendBroadcast: [["127.0.0.1", [9], "QUJD"]],
  objectToGroup_create: [["HostGroup", "group", "no-member.corpus.test"]],
  opsipxeconfd_deletePXEBootConfiguration: [[own.id]],
  opsipxeconfd_updatePXEBootConfiguration: [[own.id]],
  powerOnHost: [[own.id]],
  productDependency_create: [["prod", "1.0", "1", "uninstall", "needed", null, null, "uninstall"]],
  productOnClient_addDependencies: [[requested]],
  productOnClient_generateSequence: [[requested]],
  productOnClient_updateObjectsWithDependencies: [[requested]],
  readLog: [["instlog", own.id]],
  removeSoftwareLicenseFromLicensePool: [["spare", "pool"]],
  service_setAppState: [[{ type: "normal" }]],
  service_updateConfig: [[{}, null]],
  setActionRequestWhereOutdated: [["setup", "old"]],
  setActionRequestWhereOutdatedWithDependencies: [["setup", "old"]],
  setGeneralConfigValue: [
    ["conf", "y", own.id],
    ["conf", "changed"],
  ],
  setHardwareInformation: [[own.id, { BIOS: [{ vendor: "made" }] }]],
  setHostLastSeen: [[own.id, "2026-01-01 00:00:00"]],
  setMacAddress: [[own.id, "00:11:22:33:44:77"]],
  setMacAddresses: [[own.id, ["00:11:22:33:44:77"]]],
  setProductActionProgress: [["prod", own.id, "half"]],
  setProductActionRequestForHostGroup: [["group", "needed", "setup"]],
  setProductActionRequestForProductGroup: [["group", "products", "setup"]],
  setProductInstallationStatus: [["prod", own.id, "installed"]],
  setProductProperties: [["prod", { prop: "a" }, own.id]],
  setProductProperty: [["prod", "prop", "a", own.id]],
  setNetworkConfig: [[{ depotId: depot.id }, own.id]],
  setProductState: [["prod", own.id, "installed"]],
  setSoftwareInformation: [[own.id, { made: { displayName: "made", displayVersion: "1" } }]],
  setupWhereFailed: [["old"]],
  setupWhereInstalled: [["old"]],
  sleep: [[0]],
  softwareLicenseToLicensePool_delete: [["spare", "pool"]],
  softwareLicense_delete: [["unpooled"]],
  uninstallWhereInstalled: [["old"]],
  unlockProduct: [["locked"]],
  updateWhereInstalled: [["old"]],
  user_createLocalUser: [["new", "Secret-of-new", ["opsiadmin"]]],
  user_deleteLocalUser: [["doomed"]],
  user_getCredentials: [["pcpatch", own.id], ["monitoring"], []],
  user_getLocalUsers: [[]],
  user_setCredentials: [["corpus-share", "xyz"]],
  user_setLocalGroups: [["spare", ["opsiadmin"]]],
  user_setLocalPassword: [["spare", "changed"]],
  user_updateMultiFactorAuth: [["guest", "inactive"]],
  writeLog: [["instlog", "a line\n", own.id]],
};

export interface Calls {
  readonly params: readonly (readonly unknown[])[];
  /** Each of them does something, even if it answers nothing and no row changes. */
  readonly telling: boolean;
}

/** The calls of a method by which a role is judged: about one client, about all, with what is optional left out. */
export function callsFor(method: MethodDescription): Calls {
  const chosen = written[method.name] ?? familyCalls(method.name);
  return chosen === null ? { params: [...callsOf(method, own.id)], telling: false } : { params: chosen, telling: true };
}
