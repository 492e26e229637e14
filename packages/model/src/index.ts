export { type HardwareClassDescription, HardwareTypes } from "./audit-hardware.ts";
export { type ConversionContext, convertParameter, type RequireOptions, requireObject } from "./convert-parameter.ts";
export { defaultHardwareTypes } from "./default-hardware-classes.ts";
export { type ErrorClass, errorClass, errorTable, isOpsiError, OpsiError } from "./errors.ts";
export type { HardwareClass, HardwareTypeName, HardwareValue } from "./hardware-object-type.ts";
export { generateHostKey } from "./host-key.ts";
export { formatIpAddress, type IpAddress, parseIpAddress, parseNetwork, unmapped } from "./ip-address.ts";
export {
  fromHash,
  identAttributes,
  identString,
  isOpsiObject,
  type OpsiObject,
  objectTypeOf,
  setDefaults,
  toHash,
  withValues,
} from "./object.ts";
export type { Attribute, ObjectType, ValueKind, Values } from "./object-type.ts";
export {
  AuditSoftware,
  AuditSoftwareOnClient,
  AuditSoftwareToLicensePool,
  BoolConfig,
  BoolProductProperty,
  ConcurrentSoftwareLicense,
  Config,
  ConfigState,
  type Family,
  families,
  familyOf,
  Group,
  Host,
  HostGroup,
  isSubtype,
  LicenseContract,
  LicenseOnClient,
  LicensePool,
  LocalbootProduct,
  NetbootProduct,
  ObjectToGroup,
  OEMSoftwareLicense,
  OpsiClient,
  OpsiConfigserver,
  OpsiDepotserver,
  objectTypes,
  Product,
  ProductDependency,
  ProductGroup,
  ProductOnClient,
  ProductOnDepot,
  ProductProperty,
  ProductPropertyState,
  RetailSoftwareLicense,
  SoftwareLicense,
  SoftwareLicenseToLicensePool,
  UnicodeConfig,
  UnicodeProductProperty,
  User,
  VolumeSoftwareLicense,
} from "./objects.ts";
export { isHash, pythonRepr, pythonString, pythonTypeName } from "./python-repr.ts";
export { compareText, truthy } from "./python-text.ts";
export { type Control, forceList, type Rule, rule } from "./rules.ts";
export { timestamp } from "./timestamp.ts";
