import { isOpsiError, OpsiError } from "./errors.ts";
import { formatIpAddress, parseIpAddress, parseNetwork, unmapped } from "./ip-address.ts";
import { toFloat, toInteger, toOctal } from "./python-number.ts";
import { isHash, pythonRepr, pythonString } from "./python-repr.ts";
import { firstCharacters, pythonPattern, strip, stripWhere, truthy } from "./python-text.ts";
import { timestamp, zeroTimestamp } from "./timestamp.ts";
import { severalDefaults } from "./value-lists.ts";
import { sortedValues, uniqueValues } from "./value-order.ts";

/** What a form offers to edit a value. */
export type Control = "text" | "lines" | "integer" | "float" | "boolean" | "timestamp" | "choice" | "list";

/** One conversion of opsi: takes any value and returns a normalized one, or throws an OpsiError. (objects §1) */
export interface Rule<T = unknown> {
  readonly name: string;
  readonly control: Control;
  readonly choices?: readonly string[];
  coerce(value: unknown): T;
}

const fqdnTail = "^((\\w+-+)|(\\w+\\.))*\\w{1,63}\\.\\w{2,16}\\.?$";
const licenseId = "^[a-z0-9][a-z0-9\\-_. :]*$";
const octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const netmask = `^(${octet}\\.){3}${octet}$`;
const emailAddress =
  "^(([A-Za-z0-9]+_+)|([A-Za-z0-9]+-+)|([A-Za-z0-9]+\\.+)|([A-Za-z0-9]+\\++))*[A-Za-z0-9]+@((\\w+-+)|(\\w+\\.))*\\w*";

const productTypes = {
  localboot: "LocalbootProduct",
  localbootproduct: "LocalbootProduct",
  netboot: "NetbootProduct",
  netbootproduct: "NetbootProduct",
} as const;
const propertyTypes = {
  unicode: "UnicodeProductProperty",
  unicodeproductproperty: "UnicodeProductProperty",
  bool: "BoolProductProperty",
  boolproductproperty: "BoolProductProperty",
} as const;
const groupTypes = { hostgroup: "HostGroup", productgroup: "ProductGroup" } as const;

const hostname = pattern("hostname", lower, "^[a-z0-9][a-z0-9\\-]*$", (v) => `Bad hostname: '${v}'`);
const architecture = choice("architecture", ["x86", "x64"], (v) => `Bad architecture: '${v}'`);

/**
 * The rules, named after the `force…` functions of opsi without the `force`.
 *
 *     rule.hostId.coerce("PC1.Example.ORG.") // "pc1.example.org"
 *     rule.hostId.coerce("pc1")              // OpsiError ValueError: Bad fqdn: 'pc1'
 */
export const rule = {
  // Scalars (objects §1.2)
  any: make("any", "text", (value) => value),
  bool: make("bool", "boolean", toBoolean),
  int: make("int", "integer", toInteger),
  unsignedInt: make("unsignedInt", "integer", (value) => Math.abs(toInteger(value))),
  float: make("float", "float", toFloat),
  oct: make("oct", "integer", toOctal),
  dict: make("dict", "text", toDict),
  uuid: make("uuid", "text", toUuid),
  string: make("string", "text", pythonString),
  lines: make("string", "lines", pythonString),
  stringLower: make("stringLower", "text", lower),
  stringUpper: make("stringUpper", "text", (value) => pythonString(value).toUpperCase()),
  filename: make("filename", "text", pythonString),
  actionProgress: make("actionProgress", "text", (value) => firstCharacters(pythonString(value), 250)),
  opsiTimestamp: make("opsiTimestamp", "timestamp", toTimestamp),

  // Identifiers and addresses (objects §1.3)
  objectId: make("objectId", "text", toObjectId),
  groupId: make("groupId", "text", toObjectId),
  productId: make("productId", "text", toProductId),
  hostId: make("hostId", "text", toHostId),
  domain: pattern("domain", lower, fqdnTail, (v) => `Bad domain: '${v}'`),
  hostname,
  hostAddress: make("hostAddress", "text", toHostAddress),
  userId: pattern("userId", lower, "^[a-z0-9\\-_\\.@\\\\]{1,64}$", (v) => `Bad username: ${pythonRepr(v)}`),
  hardwareAddress: make("hardwareAddress", "text", toHardwareAddress),
  ipAddress: make("ipAddress", "text", toIpAddress),
  netmask: pattern("netmask", lower, netmask, (v) => `Invalid netmask: '${v}'`),
  networkAddress: make("networkAddress", "text", toNetworkAddress),
  url: pattern("url", pythonString, "^[a-z0-9]+://[/a-zA-Z0-9@:%._\\+~#?&=\\[\\]]+", (v) => `Bad url: '${v}'`),
  emailAddress: pattern("emailAddress", lower, emailAddress, (v) => `Bad email address: '${v}'`),
  opsiHostKey: pattern("opsiHostKey", lower, "^[0-9a-f]{32}$", (v) => `Bad opsi host key: ${v}`),
  configId: pattern("configId", lower, "^\\S+$", (v) => `Bad config id: '${v}'`),
  productPropertyId: pattern("productPropertyId", lower, "^\\S+$", (v) => `Bad product property id: '${v}'`),
  productVersion: pattern("productVersion", pythonString, "^[a-zA-Z0-9.]{1,32}$", (v) => `Bad product version: '${v}'`),
  packageVersion: pattern("packageVersion", pythonString, "^[a-zA-Z0-9.]{1,16}$", (v) => `Bad package version: '${v}'`),
  packageCustomName: pattern("packageCustomName", lower, "^[a-zA-Z0-9]+$", (v) => `Bad package custom name: '${v}'`),
  licenseContractId: pattern("licenseContractId", lower, licenseId, (v) => `Bad license contract id: '${v}'`),
  softwareLicenseId: pattern("softwareLicenseId", lower, licenseId, (v) => `Bad software license id: '${v}'`),
  licensePoolId: pattern("licensePoolId", lower, licenseId, (v) => `Bad license pool id: '${v}'`),
  languageCode: make("languageCode", "text", toLanguageCode),
  architecture,
  hardwareVendorId: pattern("hardwareVendorId", upper, "^[a-fA-F0-9]{4}$", (v) => `Bad hardware vendor id '${v}'`),
  hardwareDeviceId: pattern("hardwareDeviceId", upper, "^[a-fA-F0-9]{4}$", (v) => `Bad hardware device id '${v}'`),

  // Enumerations (objects §1.4)
  productType: named("productType", productTypes, (v) => `Unknown product type: '${v}'`),
  productPropertyType: named("productPropertyType", propertyTypes, (v) => `Unknown product property type: '${v}'`),
  groupType: named("groupType", groupTypes, (v) => `Unknown group type: '${v}'`),
  productPriority: make("productPriority", "integer", toPriority),
  productTargetConfiguration: choice(
    "productTargetConfiguration",
    ["", "installed", "always", "forbidden", "undefined"],
    (v) => `Bad product target configuration: '${v}'`,
  ),
  installationStatus: choice(
    "installationStatus",
    ["", "installed", "not_installed", "unknown"],
    (v) => `Bad installation status: '${v}'`,
  ),
  actionRequest: choice(
    "actionRequest",
    ["", "setup", "uninstall", "update", "always", "once", "custom", "none"],
    (v) => `Bad action request: '${v}'`,
    "undefined",
  ),
  actionResult: choice("actionResult", ["failed", "successful", "none"], (v) => `Bad action result: '${v}'`, ""),
  requirementType: choice("requirementType", ["before", "after"], (v) => `Bad requirement type: '${v}'`, ""),
  auditState: make("auditState", "integer", toAuditState),

  // Lists
  stringList: make("stringList", "list", (value) => sortedValues(forceList(value).map(pythonString))),
  productIdList: make("productIdList", "list", (value) => sortedValues(forceList(value).map(toProductId))),
  /** ConfigState: values of any type, null last. */
  values: make("values", "list", (value) => sortedValues(forceList(value), { nullsLast: true })),
  /** ProductPropertyState: values of any type that can be compared. */
  sortedValues: make("sortedValues", "list", (value) => sortedValues(forceList(value))),
  /** Config and ProductProperty: no value twice; order and relation of the two lists are the type's business. */
  untypedValues: make("untypedValues", "list", (value) => uniqueValues(forceList(value))),
  textValues: make("textValues", "list", (value) => uniqueValues(forceList(value).map(pythonString))),
  boolValues: make("boolValues", "list", (value) => uniqueValues(forceList(value).map(toBoolean))),
  /** BoolProductProperty takes no list of two, even of equal values. */
  singleBoolValue: make("singleBoolValue", "list", toSingleBoolean),

  // Attributes whose class treats empty or bad values in its own way (objects §2)
  firstHardwareAddress: make("firstHardwareAddress", "text", toFirstHardwareAddress),
  lenientIpAddress: make("lenientIpAddress", "text", toLenientIpAddress),
  lenientNetworkAddress: make("lenientNetworkAddress", "text", (value) => orNull(() => toNetworkAddress(value))),
  systemUuid: make("systemUuid", "text", (value) => (truthy(value) ? toUuid(value) : "")),
  optionalFilename: make("optionalFilename", "text", (value) => (truthy(value) ? pythonString(value) : null)),
  optionalStringLower: make("optionalStringLower", "text", (value) => (truthy(value) ? lower(value) : "")),
  optionalLanguageCode: make("optionalLanguageCode", "text", (value) => (truthy(value) ? toLanguageCode(value) : "")),
  optionalArchitecture: {
    ...choice("optionalArchitecture", ["", "x86", "x64"], () => ""),
    coerce: (value: unknown): string | null => (truthy(value) ? architecture.coerce(value) : ""),
  },
} as const satisfies Record<string, Rule>;

/** `forceList`: a list stays, everything else becomes the only element of one. (objects §1.1) */
export function forceList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function make<T>(name: string, control: Control, coerce: (value: unknown) => T): Rule<T> {
  return { name, control, coerce };
}

type Message = (value: string) => string;

function pattern(name: string, text: (value: unknown) => string, source: string, message: Message): Rule<string> {
  const expression = pythonPattern(source);
  return make(name, "text", (value) => {
    const given = text(value);
    if (!expression.test(given)) throw bad(message(given));
    return given;
  });
}

/** One of the choices, lower-cased; the value `toNull` means that nothing is set. */
function choice(name: string, choices: readonly string[], message: Message, toNull?: string): Rule<string | null> {
  return {
    name,
    control: "choice",
    choices,
    coerce(value) {
      const given = lower(value);
      if (given === toNull) return null;
      if (!choices.includes(given)) throw bad(message(given));
      return given;
    },
  };
}

/** A class name, given in any case or shortened. */
function named(name: string, names: Readonly<Record<string, string>>, message: Message): Rule<string> {
  const table = new Map(Object.entries(names));
  return {
    name,
    control: "choice",
    choices: [...new Set(table.values())],
    coerce(value) {
      const found = table.get(lower(value));
      if (found === undefined) throw bad(message(pythonString(value)));
      return found;
    },
  };
}

function bad(message: string): OpsiError {
  return new OpsiError("ValueError", message);
}

function lower(value: unknown): string {
  return pythonString(value).toLowerCase();
}

function upper(value: unknown): string {
  return pythonString(value).toUpperCase();
}

function toBoolean(value: unknown): boolean {
  if (typeof value === "string" && value.length <= 5) {
    const word = value.toLowerCase();
    if (["true", "yes", "on", "1"].includes(word)) return true;
    if (["false", "no", "off", "0"].includes(word)) return false;
  }
  return truthy(value);
}

function toSingleBoolean(value: unknown): boolean[] {
  const list = forceList(value);
  // The original prints the value that was there before: none.
  if (list.length > 1) throw severalDefaults(null);
  return list.map(toBoolean);
}

function toDict(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (isHash(value)) return value;
  throw bad(`Not a dict '${pythonString(value)}'`);
}

function toUuid(value: unknown): string {
  const text = pythonString(value).replaceAll("urn:", "").replaceAll("uuid:", "");
  const digits = stripWhere(text, (character) => character === "{" || character === "}").replaceAll("-", "");
  if (digits.length > 64 || [...digits].length !== 32) throw bad("badly formed hexadecimal UUID string");
  if (!/^[0-9a-f]+$/i.test(digits)) throw bad(`invalid literal for int() with base 16: ${pythonRepr(digits)}`);
  return digits.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const dateAndTime = pythonPattern("^(\\d{4})-?(\\d{2})-?(\\d{2})\\s?(\\d{2}):?(\\d{2}):?(\\d{2})\\.?\\d*$");
const dateOnly = pythonPattern("^(\\d{4})-?(\\d{2})-?(\\d{2})$");

function toTimestamp(value: unknown): string {
  if (!truthy(value)) return zeroTimestamp;
  const text = value instanceof Date ? timestamp(value) : pythonString(value);
  const found = dateAndTime.exec(text) ?? dateOnly.exec(text);
  if (found === null) throw bad(`Bad opsi timestamp: ${text}`);
  const [, year, month, day, hour = "00", minute = "00", second = "00"] = found;
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

const objectIdPattern = pythonPattern("^[a-z0-9][a-z0-9\\-_. ]*$");
const productIdPattern = pythonPattern("^[a-z0-9\\-_.]{1,128}$");
const hostIdPattern = pythonPattern(`^[a-z0-9][a-z0-9\\-]{0,63}\\.${fqdnTail.slice(1)}`);

function toObjectId(value: unknown): string {
  const id = strip(lower(value));
  if (!objectIdPattern.test(id)) throw bad(`Bad object id: '${id}'`);
  return id;
}

function toProductId(value: unknown): string {
  const id = toObjectId(value);
  if (!productIdPattern.test(id)) throw bad(`Bad product id: '${id}'`);
  return id;
}

function toHostId(value: unknown): string {
  const id = lower(value);
  if (!hostIdPattern.test(id)) throw bad(`Bad fqdn: '${id}'`);
  return id.endsWith(".") ? id.slice(0, -1) : id;
}

function toHostAddress(value: unknown): string {
  const text = lower(value);
  const address = parseIpAddress(text);
  if (address !== null) return formatIpAddress(unmapped(address));
  const name = orNull(() => toHostId(text)) ?? orNull(() => hostname.coerce(text));
  if (name === null) throw bad(`Invalid host address: '${text}'`);
  return name;
}

const hardwareAddressPattern = pythonPattern(`^${Array(6).fill("([0-9a-f]{2})").join("[:\\-]?")}$`);

function toHardwareAddress(value: unknown): string {
  const text = lower(value);
  if (text === "") return "";
  const pairs = hardwareAddressPattern.exec(text);
  if (pairs === null) throw bad(`Invalid hardware address: ${text}`);
  return pairs.slice(1).join(":");
}

function toFirstHardwareAddress(value: unknown): string {
  const list = forceList(value);
  if (list.length === 0) throw new OpsiError("IndexError", "list index out of range");
  return toHardwareAddress(list[0]);
}

function toIpAddress(value: unknown): string {
  if (typeof value !== "string") throw bad(`Invalid ip address: '${pythonString(value)}'`);
  const address = parseIpAddress(value);
  if (address === null) throw bad(`${pythonRepr(value)} does not appear to be an IPv4 or IPv6 address`);
  return formatIpAddress(unmapped(address));
}

/** A bad address of a host is forgotten without complaint, an empty one clears it. (objects §2.2) */
function toLenientIpAddress(value: unknown): string | null {
  return value === "" ? "" : orNull(() => toIpAddress(value));
}

function toNetworkAddress(value: unknown): string {
  if (typeof value !== "string") throw bad(`Invalid network address: '${pythonString(value)}'`);
  const parsed = parseNetwork(value);
  if ("network" in parsed) return parsed.network;
  throw bad(parsed.problem);
}

const languagePattern = pythonPattern("^([a-z]{2,3})[-_]?([a-z]{4})?[-_]?([a-z]{2})?$");

function toLanguageCode(value: unknown): string {
  const code = lower(value);
  const found = languagePattern.exec(code);
  if (found === null) throw bad(`Bad language code: '${code}'`);
  const [, language = "", script, country] = found;
  const parts = [language];
  if (script !== undefined) parts.push(script.charAt(0).toUpperCase() + script.slice(1));
  if (country !== undefined) parts.push(country.toUpperCase());
  return parts.join("-");
}

function toPriority(value: unknown): number {
  return Math.min(Math.max(toInteger(value), -100), 100);
}

function toAuditState(value: unknown): number {
  const state = toInteger(value);
  if (state !== 0 && state !== 1) throw bad(`Bad audit state value: ${pythonString(state)}`);
  return state;
}

/** Null in place of a value that is refused. */
export function orNull<T>(convert: () => T): T | null {
  try {
    return convert();
  } catch (error) {
    if (!isOpsiError(error)) throw error;
    return null;
  }
}
