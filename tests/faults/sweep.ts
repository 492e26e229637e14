import { type FaultSite, own } from "./fault-site.ts";

export interface MethodDescription {
  readonly name: string;
  readonly params: readonly string[];
  readonly keywords: string | null;
}

/** Methods that would end the service, wait on purpose, or act on the network of whoever runs the tests. */
const leftOut = /^(sleep|exit|backend_exit|network_sendBroadcast|powerOnHost|hostControl|service_(?:restart|stop))/;

export async function methodsOf(site: FaultSite): Promise<readonly MethodDescription[]> {
  const all = (await site.must("backend_getInterface")) as MethodDescription[];
  return all.filter(({ name }) => !leftOut.test(name));
}

/** A value that fits a parameter by its name, about the host of somebody else. */
function plausible(name: string, hostId: string, method: string): unknown {
  const bare = name.replace(/^\*+/, "");
  const product = { productId: "prod", productVersion: "1.0", packageVersion: "1" };
  if (/^(attributes|filter|processProperties)$/.test(bare)) return null;
  if (/^(.*hostId|.*clientId|.*objectId|objectIds|clientIds|.*_ids?|id|serverId|depotId|ident)$/i.test(bare)) {
    if (/^(config_?ids?)$/i.test(bare)) return "conf";
    if (/^(product_?ids?)$/i.test(bare)) return "prod";
    if (/^id$/.test(bare) && /^(product|config|group|license|user)/i.test(method)) return "prod";
    return /s$/.test(bare) ? [hostId] : hostId;
  }
  if (/^productIds?$/i.test(bare)) return /s$/.test(bare) ? ["prod"] : "prod";
  if (/productVersion/.test(bare)) return product.productVersion;
  if (/packageVersion/.test(bare)) return product.packageVersion;
  if (/productType/.test(bare)) return "LocalbootProduct";
  if (/groupId|groupName/.test(bare)) return "group";
  if (/licensePool/.test(bare)) return "pool";
  if (/softwareLicense/.test(bare)) return "license";
  if (/contract/i.test(bare)) return "contract";
  if (/logType|^type$/.test(bare)) return /log/i.test(method) ? "instlog" : null;
  if (/username|userId/i.test(bare)) return "guest";
  if (/password/i.test(bare)) return "x";
  if (/actionRequest|^action$/.test(bare)) return "setup";
  if (/hostKey/i.test(bare)) return "0123456789abcdef0123456789abcdef";
  if (/file|path|dir/i.test(bare)) return "/nowhere/at/all";
  if (/^[a-z]\w*s$/i.test(bare) && /Objects$/.test(method)) return writable(method, hostId);
  if (/Object$/.test(method)) return writable(method, hostId)[0];
  return "x";
}

/** An object of the method's family that belongs to a host. */
function writable(method: string, hostId: string): Record<string, unknown>[] {
  const family = method.slice(0, method.indexOf("_"));
  const software = { name: "app", version: "1", subVersion: "", language: "", architecture: "x64" };
  const product = { productId: "prod", productType: "LocalbootProduct", productVersion: "1.0", packageVersion: "1" };
  const objects: Record<string, Record<string, unknown>> = {
    host: { type: "OpsiClient", id: hostId, notes: "overwritten" },
    config: { type: "UnicodeConfig", id: "conf", defaultValues: ["overwritten"] },
    configState: { type: "ConfigState", configId: "conf", objectId: hostId, values: ["overwritten"] },
    group: { type: "HostGroup", id: "group", notes: "overwritten" },
    objectToGroup: { type: "ObjectToGroup", groupType: "HostGroup", groupId: "group", objectId: hostId },
    product: { type: "LocalbootProduct", id: "prod", productVersion: "1.0", packageVersion: "1", name: "overwritten" },
    productOnClient: { type: "ProductOnClient", clientId: hostId, ...product, actionRequest: "uninstall" },
    productOnDepot: { type: "ProductOnDepot", depotId: "depot.corpus.test", ...product, locked: true },
    productPropertyState: { type: "ProductPropertyState", productId: "prod", propertyId: "prop", objectId: hostId },
    licenseContract: { type: "LicenseContract", id: "contract", notes: "overwritten" },
    licensePool: { type: "LicensePool", id: "pool", description: "overwritten" },
    softwareLicense: { type: "RetailSoftwareLicense", id: "license", licenseContractId: "contract" },
    softwareLicenseToLicensePool: {
      ...{ type: "SoftwareLicenseToLicensePool", softwareLicenseId: "license", licensePoolId: "pool" },
      licenseKey: "overwritten",
    },
    licenseOnClient: {
      ...{ type: "LicenseOnClient", softwareLicenseId: "license", licensePoolId: "pool", clientId: hostId },
      notes: "overwritten",
    },
    auditSoftwareOnClient: { type: "AuditSoftwareOnClient", clientId: hostId, ...software, licenseKey: "overwritten" },
    auditHardwareOnHost: { type: "AuditHardwareOnHost", hostId, hardwareClass: "BIOS", vendor: "overwritten" },
    user: { type: "User", id: "guest", otpSecret: "overwritten" },
  };
  return [objects[family] ?? { type: "OpsiClient", id: hostId, notes: "overwritten" }];
}

/** Calls of every method: about another host, about all, and about the caller itself. */
export function* callsOf({ name, params, keywords }: MethodDescription, hostId: string) {
  const named = params.filter((param) => !param.startsWith("**"));
  const mandatory = named.filter((param) => !param.startsWith("*"));
  const values = (names: readonly string[], id: string) => names.map((param) => plausible(param, id, name));
  yield values(mandatory, hostId);
  if (named.length > mandatory.length) yield values(named, hostId);
  if (mandatory.length > 0) yield values(mandatory, "*");
  if (named.length > 0) yield named.map(() => null);
  if (named.length > 0) yield named.map(() => []);
  if (keywords !== null) yield [...values(mandatory, own.id), ...named.slice(mandatory.length).map(() => null), {}];
}
