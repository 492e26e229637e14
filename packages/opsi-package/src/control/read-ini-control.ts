import {
  BoolProductProperty,
  fromHash,
  LocalbootProduct,
  NetbootProduct,
  type OpsiObject,
  ProductDependency,
  pythonString,
  rule,
  UnicodeProductProperty,
} from "@opsi-ts/model";
import { controlError } from "../package-error.ts";
import { decodeControl, floatText, strip, unique } from "./control-text.ts";
import { type IniSections, parseIniSections, type Section } from "./ini-sections.ts";
import type { Condition, PackageControl, PackageDependency } from "./package-control.ts";

/**
 * Reads the INI form of the control file, `OPSI/control` (packages 1.5).
 *
 * @throws OpsiError ValueError that names the bad value
 */
export function readIniControl(bytes: Uint8Array): PackageControl {
  const { records, changelog }: IniSections = parseIniSections(decodeControl(bytes));
  const given = records.product[0];
  if (!given) throw controlError("Error in control file: 'product' section not found");
  const product = readProduct(given, records.package[0], records.windows[0], changelog ?? "");
  const { id, productVersion, packageVersion } = product;
  const productIdent = { productId: id, productVersion, packageVersion };
  return {
    product,
    productProperties: records.productproperty.map((section) => readProperty(section, productIdent)),
    productDependencies: records.productdependency.map((section) => readDependency(section, productIdent)),
    packageDependencies: list(text(records.package[0], "depends")).map(parsePackageDependency),
    changelog: changelog ?? "",
  };
}

function readProduct(
  section: Section,
  packageSection: Section | undefined,
  windows: Section | undefined,
  changelog: string,
): OpsiObject {
  const plain = (key: string) => {
    const value = text(section, key);
    return value.toLowerCase() === "none" ? "" : value;
  };
  if (plain("id") === "") {
    throw controlError("Error in control file: the product has no id; the section [Product] needs a line 'id: ...'");
  }
  const type = rule.productType.coerce(text(section, "type"));
  const isNetboot = type === NetbootProduct.name;
  const product = fromHash(isNetboot ? NetbootProduct : LocalbootProduct, {
    id: plain("id"),
    productVersion: section.has("version") ? plain("version") : "1.0",
    packageVersion: text(packageSection, "version") || plain("packageversion") || "1",
    name: plain("name"),
    licenseRequired: section.get("licenserequired") ?? false,
    setupScript: plain("setupscript"),
    uninstallScript: plain("uninstallscript"),
    updateScript: plain("updatescript"),
    alwaysScript: plain("alwaysscript"),
    onceScript: plain("oncescript"),
    customScript: plain("customscript"),
    priority: section.get("priority") ?? 0,
    description: plain("description"),
    advice: plain("advice"),
    changelog,
    productClassIds: list(plain("productclasses")),
    windowsSoftwareIds: list(text(windows, "softwareids")),
    ...(isNetboot ? { pxeConfigTemplate: plain("pxeconfigtemplate") } : { userLoginScript: plain("userloginscript") }),
  });
  // No key of netboot products, but the reader of this form leaves the attribute empty and not null
  return isNetboot ? { ...product, userLoginScript: "" } : product;
}

function readDependency(section: Section, productIdent: Record<string, unknown>): OpsiObject {
  const optional = (key: string) => text(section, key) || null;
  const dependency = {
    ...productIdent,
    // The original reads both as "none" when they are missing
    productAction: text(section, "action") || "none",
    requiredProductId: text(section, "requiredproduct") || "none",
    requiredProductVersion: optional("requiredproductversion"),
    requiredPackageVersion: optional("requiredpackageversion"),
    requiredAction: optional("requiredaction"),
    requiredInstallationStatus: optional("requiredstatus"),
    requirementType: optional("requirementtype"),
  };
  if (dependency.requiredAction === null && dependency.requiredInstallationStatus === null) {
    throw controlError(
      `Dependency to '${dependency.requiredProductId}' defines neither requiredAction nor requiredInstallationStatus`,
    );
  }
  return fromHash(ProductDependency, dependency);
}

function readProperty(section: Section, productIdent: Record<string, unknown>): OpsiObject {
  const given = {
    ...productIdent,
    propertyId: text(section, "name"),
    description: text(section, "description"),
    defaultValues: defaultValues(text(section, "default")),
  };
  const type = rule.productPropertyType.coerce(text(section, "type") || "unicode");
  if (type === BoolProductProperty.name) return fromHash(BoolProductProperty, given);
  const possibleValues = list(text(section, "values"));
  const property = fromHash(UnicodeProductProperty, {
    ...given,
    possibleValues,
    editable: section.get("editable") ?? possibleValues.length === 0,
    multiValue: section.get("multivalue") ?? false,
  });
  // Without the key `values` the defaults do not become possible values, as they do elsewhere
  return section.has("values") ? property : ({ ...property, possibleValues: [] } as OpsiObject);
}

/** `pkg` or `pkg (>= 1.0-1)`; a bracket that is not closed is closed at the end. */
function parsePackageDependency(text: string): PackageDependency {
  const [name = "", requirement] = text.split(/\((.*)/s);
  const packageId = strip(name);
  if (requirement === undefined) return { package: packageId, version: null, condition: null };
  const given = strip(requirement.split(")")[0] ?? "");
  const found = /^(<=|>=|=|<|>|)\s*([\p{L}\p{N}_.]+(?:-+[\p{L}\p{N}_.]*)?)$/u.exec(given);
  if (!found) throw controlError(`Bad version string '${given}' in package dependency`);
  return { package: packageId, version: found[2] ?? "", condition: (found[1] || "=") as Condition };
}

function text(section: Section | undefined, key: string): string {
  const value = section?.get(key);
  return value === undefined ? "" : pythonString(value);
}

/** JSON, or values between commas. (packages 1.5, rule 11) */
function list(value: string): string[] {
  const found = jsonList(value);
  if (found) return found;
  const parts = value.replace(/[\n\t]/g, "").split(",");
  return unique(parts.map(strip).filter((part) => part !== ""));
}

/** Not split at commas: a default such as `C:\a, b` is one value. */
function defaultValues(value: string): string[] {
  return jsonList(value) ?? (value === "" ? [] : [value]);
}

function jsonList(value: string): string[] | null {
  if (!/^[[{]/.test(value)) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value, numberText as (key: string, value: unknown) => unknown);
  } catch {
    return null;
  }
  const isFlat = Array.isArray(parsed) && parsed.every((item) => item === null || typeof item !== "object");
  if (!isFlat) throw controlError(`Not a list of values: ${value}`);
  return unique((parsed as unknown[]).map((item) => strip(pythonString(item))));
}

/** Numbers as they are written: 1.0 is not 1, and large ones keep their digits. */
function numberText(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== "number" || source === undefined) return value;
  return /[.eE]/.test(source) ? floatText(value) : BigInt(source).toString();
}
