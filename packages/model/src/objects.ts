import { generateHostKey } from "./host-key.ts";
import type { Attribute, ObjectType } from "./object-type.ts";
import { rule } from "./rules.ts";
import { timestamp, zeroTimestamp } from "./timestamp.ts";

/*
 * Every object type of opsi, each declared once (objects §2). Types of one family share table and method names and
 * are built from each other by spreading. The order of the attributes is that of the JSON keys.
 */

const now = (): string => timestamp();
const never = (): string => zeroTimestamp;
const empty = (): string => "";
const none = (): unknown[] => [];
const yes = (): boolean => true;
const no = (): boolean => false;
const zero = (): number => 0;
const one = (): number => 1;

// --- Hosts (objects §2.2-2.4)

const hostFamily = {
  prefix: "host",
  singular: "host",
  plural: "hosts",
  table: "HOST",
  typeColumn: true,
  columnOrder: [
    ...["id", "type", "description", "notes", "hardwareAddress", "ipAddress", "inventoryNumber", "created", "lastSeen"],
    ...["opsiHostKey", "oneTimePassword", "systemUUID", "maxBandwidth", "depotLocalUrl", "depotRemoteUrl"],
    ...["depotWebdavUrl", "repositoryLocalUrl", "repositoryRemoteUrl", "networkAddress", "isMasterDepot"],
    ...["masterDepotId", "workbenchLocalUrl", "workbenchRemoteUrl"],
  ],
} as const;

const hostAttributes = {
  description: { rule: rule.string, sql: "varchar(100)", initial: empty },
  notes: { rule: rule.lines, sql: "varchar(8192)", initial: empty },
  id: { rule: rule.hostId, sql: "varchar(255)", column: "hostId", ident: true },
  hardwareAddress: { rule: rule.firstHardwareAddress, sql: "varchar(17)", emptyIsNull: true },
  ipAddress: { rule: rule.lenientIpAddress, sql: "varchar(255)", emptyIsNull: true },
  inventoryNumber: { rule: rule.string, sql: "varchar(64)", initial: empty },
  systemUUID: { rule: rule.systemUuid, sql: "varchar(36)", emptyIsNull: true },
} as const satisfies Record<string, Attribute>;

export const Host = {
  name: "Host",
  base: null,
  abstract: true,
  ...hostFamily,
  parameters: ["id", "description", "notes", "hardwareAddress", "ipAddress", "inventoryNumber", "systemUUID"],
  attributes: hostAttributes,
} as const satisfies ObjectType;

export const OpsiClient = {
  name: "OpsiClient",
  base: "Host",
  ...hostFamily,
  parameters: [
    ...["id", "opsiHostKey", "description", "notes", "hardwareAddress", "ipAddress", "inventoryNumber"],
    ...["oneTimePassword", "created", "lastSeen", "systemUUID"],
  ],
  attributes: {
    ...hostAttributes,
    opsiHostKey: { rule: rule.opsiHostKey, sql: "varchar(32)", initial: generateHostKey },
    created: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: now },
    lastSeen: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: now },
    oneTimePassword: { rule: rule.string, sql: "varchar(32)" },
  },
} as const satisfies ObjectType;

export const OpsiDepotserver = {
  name: "OpsiDepotserver",
  base: "Host",
  ...hostFamily,
  parameters: [
    ...["id", "opsiHostKey", "depotLocalUrl", "depotRemoteUrl", "depotWebdavUrl", "repositoryLocalUrl"],
    ...["repositoryRemoteUrl", "description", "notes", "hardwareAddress", "ipAddress", "inventoryNumber"],
    ...["networkAddress", "maxBandwidth", "isMasterDepot", "masterDepotId", "workbenchLocalUrl"],
    ...["workbenchRemoteUrl", "systemUUID"],
  ],
  attributes: {
    ...hostAttributes,
    opsiHostKey: { rule: rule.opsiHostKey, sql: "varchar(32)", initial: generateHostKey },
    depotLocalUrl: { rule: rule.url, sql: "varchar(128)" },
    depotRemoteUrl: { rule: rule.url, sql: "varchar(255)" },
    depotWebdavUrl: { rule: rule.url, sql: "varchar(255)" },
    repositoryLocalUrl: { rule: rule.url, sql: "varchar(128)" },
    repositoryRemoteUrl: { rule: rule.url, sql: "varchar(255)" },
    networkAddress: { rule: rule.lenientNetworkAddress, sql: "varchar(31)" },
    maxBandwidth: { rule: rule.int, sql: "int" },
    isMasterDepot: { rule: rule.bool, sql: "tinyint(1)", initial: yes },
    masterDepotId: { rule: rule.hostId, sql: "varchar(255)" },
    workbenchLocalUrl: { rule: rule.url, sql: "varchar(128)" },
    workbenchRemoteUrl: { rule: rule.url, sql: "varchar(255)" },
  },
} as const satisfies ObjectType;

export const OpsiConfigserver = {
  ...OpsiDepotserver,
  name: "OpsiConfigserver",
  base: "OpsiDepotserver",
} as const satisfies ObjectType;

// --- Users (objects §2.5)

export const User = {
  name: "User",
  base: null,
  prefix: "user",
  singular: "user",
  plural: "users",
  table: "USER",
  typeColumn: false,
  columnOrder: ["id", "created", "lastLogin", "mfaState", "otpSecret"],
  parameters: ["id", "created", "lastLogin", "mfaState", "otpSecret"],
  typeRequired: true,
  attributes: {
    created: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: now },
    lastLogin: { rule: rule.opsiTimestamp, sql: "timestamp null" },
    mfaState: { rule: rule.any, sql: "varchar(16)", initial: () => "inactive" },
    otpSecret: { rule: rule.any, sql: "varchar(32)" },
    id: { rule: rule.userId, sql: "varchar(200)", column: "userId", ident: true },
  },
} as const satisfies ObjectType;

// --- Configs (objects §2.6, 2.7). The value lists stand in a table of their own.

const configFamily = {
  prefix: "config",
  singular: "config",
  plural: "configs",
  table: "CONFIG",
  typeColumn: true,
  columnOrder: ["id", "type", "description", "multiValue", "editable"],
} as const;

export const Config = {
  name: "Config",
  base: null,
  abstract: true,
  ...configFamily,
  parameters: ["id", "description", "possibleValues", "defaultValues", "editable", "multiValue"],
  valueKind: "untyped",
  attributes: {
    description: { rule: rule.string, sql: "varchar(256)" },
    possibleValues: { rule: rule.untypedValues, sql: null, initial: none },
    defaultValues: { rule: rule.untypedValues, sql: null, initial: none },
    editable: { rule: rule.bool, sql: "tinyint(1) not null default 1", initial: yes },
    multiValue: { rule: rule.bool, sql: "tinyint(1) not null default 0", initial: no },
    id: { rule: rule.configId, sql: "varchar(200)", column: "configId", ident: true },
  },
} as const satisfies ObjectType;

export const UnicodeConfig = {
  name: "UnicodeConfig",
  base: "Config",
  ...configFamily,
  parameters: Config.parameters,
  valueKind: "text",
  attributes: {
    ...Config.attributes,
    description: { ...Config.attributes.description, absent: "" },
    possibleValues: { ...Config.attributes.possibleValues, rule: rule.textValues },
    defaultValues: { ...Config.attributes.defaultValues, rule: rule.textValues },
  },
} as const satisfies ObjectType;

const booleanValues = {
  possibleValues: { rule: rule.boolValues, sql: null, fixed: () => [false, true] },
  defaultValues: { rule: rule.boolValues, sql: null, initial: () => [false] },
  editable: { rule: rule.bool, sql: "tinyint(1) not null default 1", fixed: no },
  multiValue: { rule: rule.bool, sql: "tinyint(1) not null default 0", fixed: no },
} as const satisfies Record<string, Attribute>;

export const BoolConfig = {
  name: "BoolConfig",
  base: "Config",
  ...configFamily,
  parameters: ["id", "description", "defaultValues"],
  valueKind: "boolean",
  attributes: { ...Config.attributes, ...booleanValues },
} as const satisfies ObjectType;

export const ConfigState = {
  name: "ConfigState",
  base: null,
  prefix: "configState",
  singular: "configState",
  plural: "configStates",
  table: "CONFIG_STATE",
  typeColumn: false,
  columnOrder: ["configId", "objectId", "values"],
  parameters: ["configId", "objectId", "values"],
  attributes: {
    values: { rule: rule.values, sql: "text", initial: none },
    configId: { rule: rule.configId, sql: "varchar(200)", ident: true },
    objectId: { rule: rule.objectId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

// --- Products (objects §2.8-2.13)

const productFamily = {
  prefix: "product",
  singular: "product",
  plural: "products",
  table: "PRODUCT",
  typeColumn: true,
  columnOrder: [
    ...["id", "productVersion", "packageVersion", "type", "name", "licenseRequired", "setupScript", "uninstallScript"],
    ...["updateScript", "alwaysScript", "onceScript", "customScript", "userLoginScript", "priority", "description"],
    ...["advice", "pxeConfigTemplate", "changelog"],
  ],
} as const;

const productVersions = {
  productVersion: { rule: rule.productVersion, sql: "varchar(32)", ident: true },
  packageVersion: { rule: rule.packageVersion, sql: "varchar(16)", ident: true },
} as const satisfies Record<string, Attribute>;

const script = { rule: rule.filename, sql: "varchar(50)", initial: empty } as const satisfies Attribute;

export const Product = {
  name: "Product",
  base: null,
  abstract: true,
  ...productFamily,
  parameters: [
    ...["id", "productVersion", "packageVersion", "name", "licenseRequired", "setupScript", "uninstallScript"],
    ...["updateScript", "alwaysScript", "onceScript", "customScript", "userLoginScript", "priority", "description"],
    ...["advice", "changelog", "productClassIds", "windowsSoftwareIds"],
  ],
  attributes: {
    name: { rule: rule.string, sql: "varchar(128) not null default ''", initial: empty },
    licenseRequired: { rule: rule.bool, sql: "tinyint(1) not null default 0", initial: no },
    setupScript: script,
    uninstallScript: script,
    updateScript: script,
    alwaysScript: script,
    onceScript: script,
    customScript: script,
    userLoginScript: script,
    priority: { rule: rule.productPriority, sql: "int default 0", initial: zero },
    description: { rule: rule.lines, sql: "text", initial: empty },
    advice: { rule: rule.lines, sql: "text", initial: empty },
    changelog: { rule: rule.lines, sql: "text", initial: empty },
    productClassIds: { rule: rule.stringList, sql: null, initial: none },
    windowsSoftwareIds: { rule: rule.stringList, sql: null, initial: none },
    id: { rule: rule.productId, sql: "varchar(255)", column: "productId", ident: true },
    ...productVersions,
  },
} as const satisfies ObjectType;

export const LocalbootProduct = {
  name: "LocalbootProduct",
  base: "Product",
  ...productFamily,
  parameters: Product.parameters,
  attributes: Product.attributes,
} as const satisfies ObjectType;

export const NetbootProduct = {
  name: "NetbootProduct",
  base: "Product",
  ...productFamily,
  // A user login script makes no sense here: the key stays in the object, but cannot be given.
  parameters: [...Product.parameters.filter((name) => name !== "userLoginScript"), "pxeConfigTemplate"],
  attributes: {
    ...Product.attributes,
    pxeConfigTemplate: { rule: rule.optionalFilename, sql: "varchar(50)" },
  },
} as const satisfies ObjectType;

const propertyFamily = {
  prefix: "productProperty",
  singular: "productProperty",
  plural: "productProperties",
  table: "PRODUCT_PROPERTY",
  typeColumn: true,
  columnOrder: [
    ...["productId", "productVersion", "packageVersion", "propertyId", "type", "description", "multiValue", "editable"],
  ],
} as const;

const productIdent = {
  productId: { rule: rule.productId, sql: "varchar(255)", ident: true },
  ...productVersions,
} as const satisfies Record<string, Attribute>;

export const ProductProperty = {
  name: "ProductProperty",
  base: null,
  abstract: true,
  ...propertyFamily,
  parameters: [
    ...["productId", "productVersion", "packageVersion", "propertyId", "description", "possibleValues"],
    ...["defaultValues", "editable", "multiValue"],
  ],
  createParameters: [
    ...["productId", "productVersion", "packageVersion", "propertyId", "type", "description", "possibleValues"],
    ...["defaultValues", "editable", "multiValue"],
  ],
  valueKind: "untyped",
  attributes: {
    description: { rule: rule.lines, sql: "text", initial: empty },
    possibleValues: { rule: rule.untypedValues, sql: null, initial: none },
    defaultValues: { rule: rule.untypedValues, sql: null, initial: none },
    editable: { rule: rule.bool, sql: "tinyint(1) not null default 1", initial: yes },
    multiValue: { rule: rule.bool, sql: "tinyint(1) not null default 0", initial: no },
    ...productIdent,
    propertyId: { rule: rule.productPropertyId, sql: "varchar(200)", ident: true },
  },
} as const satisfies ObjectType;

export const UnicodeProductProperty = {
  name: "UnicodeProductProperty",
  base: "ProductProperty",
  ...propertyFamily,
  parameters: ProductProperty.parameters,
  valueKind: "text",
  attributes: {
    ...ProductProperty.attributes,
    possibleValues: { ...ProductProperty.attributes.possibleValues, rule: rule.textValues },
    defaultValues: { ...ProductProperty.attributes.defaultValues, rule: rule.textValues },
  },
} as const satisfies ObjectType;

export const BoolProductProperty = {
  name: "BoolProductProperty",
  base: "ProductProperty",
  ...propertyFamily,
  parameters: ["productId", "productVersion", "packageVersion", "propertyId", "description", "defaultValues"],
  valueKind: "boolean",
  attributes: {
    ...ProductProperty.attributes,
    ...booleanValues,
    defaultValues: { ...booleanValues.defaultValues, rule: rule.singleBoolValue },
  },
} as const satisfies ObjectType;

export const ProductDependency = {
  name: "ProductDependency",
  base: null,
  prefix: "productDependency",
  singular: "productDependency",
  plural: "productDependencies",
  table: "PRODUCT_DEPENDENCY",
  typeColumn: false,
  columnOrder: [
    ...["productId", "productVersion", "packageVersion", "productAction", "requiredProductId"],
    ...["requiredProductVersion", "requiredPackageVersion", "requiredAction", "requiredInstallationStatus"],
    ...["requirementType"],
  ],
  parameters: [
    ...["productId", "productVersion", "packageVersion", "productAction", "requiredProductId"],
    ...["requiredProductVersion", "requiredPackageVersion", "requiredAction", "requiredInstallationStatus"],
    ...["requirementType"],
  ],
  attributes: {
    requiredProductVersion: { rule: rule.productVersion, sql: "varchar(32)" },
    requiredPackageVersion: { rule: rule.packageVersion, sql: "varchar(16)" },
    requiredAction: { rule: rule.actionRequest, sql: "varchar(16)" },
    requiredInstallationStatus: { rule: rule.installationStatus, sql: "varchar(16)" },
    requirementType: { rule: rule.requirementType, sql: "varchar(16)" },
    ...productIdent,
    productAction: { rule: rule.actionRequest, sql: "varchar(16)", ident: true },
    requiredProductId: { rule: rule.productId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

export const ProductOnDepot = {
  name: "ProductOnDepot",
  base: null,
  prefix: "productOnDepot",
  singular: "productOnDepot",
  plural: "productOnDepots",
  table: "PRODUCT_ON_DEPOT",
  typeColumn: false,
  columnOrder: ["productId", "productVersion", "packageVersion", "depotId", "productType", "locked"],
  parameters: ["productId", "productType", "productVersion", "packageVersion", "depotId", "locked"],
  attributes: {
    locked: { rule: rule.bool, sql: "tinyint(1) not null default 0", initial: no },
    productId: { rule: rule.productId, sql: "varchar(255)", ident: true },
    productType: { rule: rule.productType, sql: "varchar(16)", ident: true },
    ...productVersions,
    depotId: { rule: rule.hostId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

export const ProductOnClient = {
  name: "ProductOnClient",
  base: null,
  prefix: "productOnClient",
  singular: "productOnClient",
  plural: "productOnClients",
  table: "PRODUCT_ON_CLIENT",
  typeColumn: false,
  columnOrder: [
    ...["productId", "clientId", "productType", "targetConfiguration", "installationStatus", "actionRequest"],
    ...["actionProgress", "actionResult", "lastAction", "productVersion", "packageVersion", "modificationTime"],
  ],
  parameters: [
    ...["productId", "productType", "clientId", "targetConfiguration", "installationStatus", "actionRequest"],
    ...["lastAction", "actionProgress", "actionResult", "productVersion", "packageVersion", "modificationTime"],
    ...["actionSequence"],
  ],
  createParameters: [
    ...["productId", "productType", "clientId", "installationStatus", "actionRequest", "lastAction"],
    ...["actionProgress", "actionResult", "productVersion", "packageVersion", "modificationTime"],
  ],
  attributes: {
    targetConfiguration: { rule: rule.productTargetConfiguration, sql: "varchar(16)" },
    installationStatus: {
      rule: rule.installationStatus,
      sql: "varchar(16) not null default 'not_installed'",
      initial: () => "not_installed",
    },
    actionRequest: {
      rule: rule.actionRequest,
      sql: "varchar(16) not null default 'none'",
      initial: () => "none",
    },
    lastAction: { rule: rule.actionRequest, sql: "varchar(16)" },
    actionProgress: { rule: rule.actionProgress, sql: "varchar(255)" },
    actionResult: { rule: rule.actionResult, sql: "varchar(16)" },
    productVersion: { rule: rule.productVersion, sql: "varchar(32)" },
    packageVersion: { rule: rule.packageVersion, sql: "varchar(16)" },
    modificationTime: {
      rule: rule.opsiTimestamp,
      sql: "timestamp not null default current_timestamp on update current_timestamp",
      initial: now,
    },
    actionSequence: { rule: rule.int, sql: null, absent: -1, absentWhenNull: true },
    productId: { rule: rule.productId, sql: "varchar(255)", ident: true },
    productType: { rule: rule.productType, sql: "varchar(16)", ident: true },
    clientId: { rule: rule.hostId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

export const ProductPropertyState = {
  name: "ProductPropertyState",
  base: null,
  prefix: "productPropertyState",
  singular: "productPropertyState",
  plural: "productPropertyStates",
  table: "PRODUCT_PROPERTY_STATE",
  typeColumn: false,
  columnOrder: ["productId", "propertyId", "objectId", "values"],
  parameters: ["productId", "propertyId", "objectId", "values"],
  attributes: {
    values: { rule: rule.sortedValues, sql: "text", initial: none },
    productId: { rule: rule.productId, sql: "varchar(255)", ident: true },
    propertyId: { rule: rule.productPropertyId, sql: "varchar(200)", ident: true },
    objectId: { rule: rule.objectId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

// --- Groups (objects §2.14, 2.15). The table's key has the type, too: two groups of one name can exist.

const groupFamily = {
  prefix: "group",
  singular: "group",
  plural: "groups",
  table: "GROUP",
  typeColumn: true,
  columnOrder: ["type", "id", "parentGroupId", "description", "notes"],
  parameters: ["id", "description", "notes", "parentGroupId"],
  attributes: {
    description: { rule: rule.string, sql: "varchar(100)", initial: empty },
    notes: { rule: rule.lines, sql: "varchar(8192)", initial: empty },
    id: { rule: rule.groupId, sql: "varchar(255)", column: "groupId", ident: true },
    parentGroupId: { rule: rule.groupId, sql: "varchar(255)" },
  },
} as const;

export const Group = { name: "Group", base: null, abstract: true, ...groupFamily } as const satisfies ObjectType;
export const HostGroup = { name: "HostGroup", base: "Group", ...groupFamily } as const satisfies ObjectType;
export const ProductGroup = { name: "ProductGroup", base: "Group", ...groupFamily } as const satisfies ObjectType;

export const ObjectToGroup = {
  name: "ObjectToGroup",
  base: null,
  prefix: "objectToGroup",
  singular: "objectToGroup",
  plural: "objectToGroups",
  table: "OBJECT_TO_GROUP",
  typeColumn: false,
  columnOrder: ["groupType", "groupId", "objectId"],
  parameters: ["groupType", "groupId", "objectId"],
  attributes: {
    groupType: { rule: rule.groupType, sql: "varchar(30)", ident: true },
    groupId: { rule: rule.groupId, sql: "varchar(255)", ident: true },
    objectId: { rule: rule.objectId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

// --- Licenses (objects §2.16-2.21)

export const LicenseContract = {
  name: "LicenseContract",
  base: null,
  prefix: "licenseContract",
  singular: "licenseContract",
  plural: "licenseContracts",
  table: "LICENSE_CONTRACT",
  typeColumn: true,
  columnOrder: [
    ...["id", "type", "description", "notes", "partner", "conclusionDate", "notificationDate", "expirationDate"],
  ],
  parameters: ["id", "description", "notes", "partner", "conclusionDate", "notificationDate", "expirationDate"],
  typeRequired: true,
  attributes: {
    description: { rule: rule.string, sql: "varchar(100)", initial: empty },
    notes: { rule: rule.lines, sql: "varchar(8192)", initial: empty },
    partner: { rule: rule.string, sql: "varchar(100)", initial: empty },
    conclusionDate: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: now },
    notificationDate: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: never },
    expirationDate: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: never },
    id: { rule: rule.licenseContractId, sql: "varchar(100)", column: "licenseContractId", ident: true },
  },
} as const satisfies ObjectType;

export const SoftwareLicense = {
  name: "SoftwareLicense",
  base: null,
  abstract: true,
  prefix: "softwareLicense",
  singular: "softwareLicense",
  plural: "softwareLicenses",
  table: "SOFTWARE_LICENSE",
  typeColumn: true,
  columnOrder: ["id", "licenseContractId", "type", "boundToHost", "maxInstallations", "expirationDate"],
  parameters: ["id", "licenseContractId", "maxInstallations", "boundToHost", "expirationDate"],
  typeRequired: true,
  attributes: {
    maxInstallations: { rule: rule.unsignedInt, sql: "int not null default 1", initial: one },
    boundToHost: { rule: rule.hostId, sql: "varchar(255)" },
    expirationDate: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: never },
    id: { rule: rule.softwareLicenseId, sql: "varchar(100)", column: "softwareLicenseId", ident: true },
    licenseContractId: { rule: rule.licenseContractId, sql: "varchar(100)", ident: true },
  },
} as const satisfies ObjectType;

const { abstract: _, ...concreteLicense } = SoftwareLicense;
const softwareLicense = { ...concreteLicense, base: "SoftwareLicense" } as const;

export const RetailSoftwareLicense = {
  ...softwareLicense,
  name: "RetailSoftwareLicense",
} as const satisfies ObjectType;
export const VolumeSoftwareLicense = {
  ...softwareLicense,
  name: "VolumeSoftwareLicense",
} as const satisfies ObjectType;
export const ConcurrentSoftwareLicense = {
  ...softwareLicense,
  name: "ConcurrentSoftwareLicense",
} as const satisfies ObjectType;
/** Comes with a machine and is good for exactly one installation. */
export const OEMSoftwareLicense = {
  ...softwareLicense,
  name: "OEMSoftwareLicense",
  attributes: {
    ...softwareLicense.attributes,
    maxInstallations: { ...softwareLicense.attributes.maxInstallations, fixed: one },
  },
} as const satisfies ObjectType;

export const LicensePool = {
  name: "LicensePool",
  base: null,
  prefix: "licensePool",
  singular: "licensePool",
  plural: "licensePools",
  table: "LICENSE_POOL",
  typeColumn: true,
  columnOrder: ["id", "type", "description"],
  parameters: ["id", "description", "productIds"],
  attributes: {
    description: { rule: rule.string, sql: "varchar(200)", initial: empty },
    productIds: { rule: rule.productIdList, sql: null, initial: none },
    id: { rule: rule.licensePoolId, sql: "varchar(100)", column: "licensePoolId", ident: true },
  },
} as const satisfies ObjectType;

const softwareDetails = {
  language: { rule: rule.optionalLanguageCode, sql: "varchar(10)", ident: true },
  architecture: { rule: rule.optionalArchitecture, sql: "varchar(3)", ident: true },
} as const satisfies Record<string, Attribute>;

export const AuditSoftwareToLicensePool = {
  name: "AuditSoftwareToLicensePool",
  base: null,
  prefix: "auditSoftwareToLicensePool",
  singular: "auditSoftwareToLicensePool",
  plural: "auditSoftwareToLicensePools",
  table: "AUDIT_SOFTWARE_TO_LICENSE_POOL",
  typeColumn: false,
  columnOrder: ["licensePoolId", "name", "version", "subVersion", "language", "architecture"],
  parameters: ["name", "version", "subVersion", "language", "architecture", "licensePoolId"],
  typeRequired: true,
  attributes: {
    name: { rule: rule.string, sql: "varchar(100)", ident: true },
    version: { rule: rule.optionalStringLower, sql: "varchar(100)", ident: true },
    subVersion: { rule: rule.optionalStringLower, sql: "varchar(100)", ident: true },
    ...softwareDetails,
    licensePoolId: { rule: rule.licensePoolId, sql: "varchar(100)", ident: true },
  },
} as const satisfies ObjectType;

export const SoftwareLicenseToLicensePool = {
  name: "SoftwareLicenseToLicensePool",
  base: null,
  prefix: "softwareLicenseToLicensePool",
  singular: "softwareLicenseToLicensePool",
  plural: "softwareLicenseToLicensePools",
  table: "SOFTWARE_LICENSE_TO_LICENSE_POOL",
  typeColumn: false,
  columnOrder: ["softwareLicenseId", "licensePoolId", "licenseKey"],
  parameters: ["softwareLicenseId", "licensePoolId", "licenseKey"],
  typeRequired: true,
  attributes: {
    licenseKey: { rule: rule.string, sql: "varchar(1024)", initial: empty },
    softwareLicenseId: { rule: rule.softwareLicenseId, sql: "varchar(100)", ident: true },
    licensePoolId: { rule: rule.licensePoolId, sql: "varchar(100)", ident: true },
  },
} as const satisfies ObjectType;

export const LicenseOnClient = {
  name: "LicenseOnClient",
  base: null,
  prefix: "licenseOnClient",
  singular: "licenseOnClient",
  plural: "licenseOnClients",
  table: "LICENSE_ON_CLIENT",
  typeColumn: false,
  columnOrder: ["softwareLicenseId", "licensePoolId", "clientId", "licenseKey", "notes"],
  parameters: ["softwareLicenseId", "licensePoolId", "clientId", "licenseKey", "notes"],
  typeRequired: true,
  attributes: {
    licenseKey: { rule: rule.string, sql: "varchar(1024)", initial: empty },
    notes: { rule: rule.lines, sql: "varchar(8192)", initial: empty },
    softwareLicenseId: { rule: rule.softwareLicenseId, sql: "varchar(100)", ident: true },
    licensePoolId: { rule: rule.licensePoolId, sql: "varchar(100)", ident: true },
    clientId: { rule: rule.hostId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

// --- Inventory of software (objects §2.22, 2.23). Hardware: audit-hardware.ts

const softwareIdent = {
  name: { rule: rule.string, sql: "varchar(100)", ident: true },
  version: { rule: rule.stringLower, sql: "varchar(100)", ident: true },
  subVersion: { rule: rule.stringLower, sql: "varchar(100)", ident: true },
  ...softwareDetails,
} as const satisfies Record<string, Attribute>;

export const AuditSoftware = {
  name: "AuditSoftware",
  base: null,
  prefix: "auditSoftware",
  singular: "auditSoftware",
  plural: "auditSoftwares",
  table: "SOFTWARE",
  typeColumn: true,
  columnOrder: [
    ...["name", "version", "subVersion", "language", "architecture", "windowsSoftwareId", "windowsDisplayName"],
    ...["windowsDisplayVersion", "type", "installSize"],
  ],
  parameters: [
    ...["name", "version", "subVersion", "language", "architecture", "windowsSoftwareId", "windowsDisplayName"],
    ...["windowsDisplayVersion", "installSize"],
  ],
  typeRequired: true,
  attributes: {
    windowsSoftwareId: { rule: rule.stringLower, sql: "varchar(100)" },
    windowsDisplayName: { rule: rule.string, sql: "varchar(100)" },
    windowsDisplayVersion: { rule: rule.string, sql: "varchar(100)" },
    installSize: { rule: rule.int, sql: "bigint", initial: zero },
    ...softwareIdent,
  },
} as const satisfies ObjectType;

export const AuditSoftwareOnClient = {
  name: "AuditSoftwareOnClient",
  base: null,
  prefix: "auditSoftwareOnClient",
  singular: "auditSoftwareOnClient",
  plural: "auditSoftwareOnClients",
  table: "SOFTWARE_CONFIG",
  typeColumn: false,
  columnOrder: [
    ...["clientId", "name", "version", "subVersion", "language", "architecture", "uninstallString", "binaryName"],
    ...["firstseen", "lastseen", "state", "usageFrequency", "lastUsed", "licenseKey"],
  ],
  parameters: [
    ...["name", "version", "subVersion", "language", "architecture", "clientId", "uninstallString", "binaryName"],
    ...["firstseen", "lastseen", "state", "usageFrequency", "lastUsed", "licenseKey"],
  ],
  typeRequired: true,
  attributes: {
    uninstallString: { rule: rule.string, sql: "varchar(200)", initial: empty },
    binaryName: { rule: rule.string, sql: "varchar(100)", initial: empty },
    firstseen: { rule: rule.opsiTimestamp, sql: "timestamp not null default current_timestamp", initial: now },
    lastseen: { rule: rule.opsiTimestamp, sql: "timestamp not null default current_timestamp", initial: now },
    state: { rule: rule.auditState, sql: "tinyint not null", initial: one },
    usageFrequency: { rule: rule.int, sql: "int not null default -1", initial: () => -1 },
    lastUsed: { rule: rule.opsiTimestamp, sql: "timestamp null", initial: never },
    licenseKey: { rule: rule.string, sql: "varchar(1024)" },
    ...softwareIdent,
    clientId: { rule: rule.hostId, sql: "varchar(255)", ident: true },
  },
} as const satisfies ObjectType;

// --- Access by name

const declared: readonly ObjectType[] = [
  ...[Host, OpsiClient, OpsiDepotserver, OpsiConfigserver, User],
  ...[Config, UnicodeConfig, BoolConfig, ConfigState],
  ...[Product, LocalbootProduct, NetbootProduct, ProductProperty, UnicodeProductProperty, BoolProductProperty],
  ...[ProductDependency, ProductOnDepot, ProductOnClient, ProductPropertyState],
  ...[Group, HostGroup, ProductGroup, ObjectToGroup],
  ...[LicenseContract, SoftwareLicense, RetailSoftwareLicense, OEMSoftwareLicense, VolumeSoftwareLicense],
  ...[ConcurrentSoftwareLicense, LicensePool, AuditSoftwareToLicensePool, SoftwareLicenseToLicensePool],
  ...[LicenseOnClient, AuditSoftware, AuditSoftwareOnClient],
];

/** All types that have a table of their own, abstract ones included, by name. */
export const objectTypes: ReadonlyMap<string, ObjectType> = new Map(declared.map((type) => [type.name, type]));

/** The types that share a method prefix and a table. `types` contains `base` as the first. */
export interface Family {
  readonly prefix: string;
  readonly base: ObjectType;
  readonly types: readonly ObjectType[];
}

export const families: readonly Family[] = declared
  .filter((type) => type.base === null)
  .map((base) => ({
    prefix: base.prefix,
    base,
    types: declared.filter((type) => type.prefix === base.prefix),
  }));

const familyByPrefix = new Map(families.map((family) => [family.prefix, family]));

/**
 * The family whose methods begin with a word: `familyOf("host")`.
 *
 * @throws Error for a prefix that no declaration has: a mistake of the program
 */
export function familyOf(prefix: string): Family {
  const family = familyByPrefix.get(prefix);
  if (!family) throw new Error(`No object family with prefix ${prefix}`);
  return family;
}

/** True when `name` is `ofName` or a type below it: an OpsiConfigserver is an OpsiDepotserver is a Host. */
export function isSubtype(name: string, ofName: string): boolean {
  let current: string | null | undefined = name;
  while (current !== null && current !== undefined) {
    if (current === ofName) return true;
    current = objectTypes.get(current)?.base;
  }
  return false;
}
