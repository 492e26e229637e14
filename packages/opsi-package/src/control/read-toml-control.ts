import {
  BoolProductProperty,
  fromHash,
  LocalbootProduct,
  NetbootProduct,
  type ObjectType,
  OpsiError,
  type OpsiObject,
  ProductDependency,
  pythonRepr,
  pythonString,
  UnicodeProductProperty,
} from "@opsi-ts/model";
import { parse, TomlError } from "smol-toml";
import { controlError } from "../package-error.ts";
import { decodeControl, floatText } from "./control-text.ts";
import { type Condition, conditions, type PackageControl, type PackageDependency } from "./package-control.ts";

type Table = Readonly<Record<string, unknown>>;

const productTypes: Readonly<Record<string, ObjectType>> = {
  localboot: LocalbootProduct,
  LocalbootProduct,
  netboot: NetbootProduct,
  NetbootProduct,
};

/** Keys of `[Product]` whose attribute has another name. */
const attributeNames: Readonly<Record<string, string>> = {
  version: "productVersion",
  productClasses: "productClassIds",
};
/** Attributes that are no keys. */
const noKeys: ReadonlySet<string> = new Set(["productVersion", "packageVersion", "productClassIds"]);

/** Here a fraction is a number; everywhere else it is the text that it is written as. */
const numericKeys: ReadonlySet<string> = new Set(["priority", "licenseRequired"]);

/** Reads the TOML form of the control file, `OPSI/control.toml` (packages 1.6). Tables and keys are case-sensitive. */
export function readTomlControl(bytes: Uint8Array): PackageControl {
  const document = parseToml(decodeControl(bytes));
  const packageTable = table(document["Package"], "Package");
  const changelog = changelogOf(document);
  const product = readProduct(table(document["Product"], "Product"), {
    packageVersion: tomlText(required(packageTable, "version", "Package")),
    changelog,
    ...windowsSoftwareIds(document),
  });
  const { id, productVersion, packageVersion } = product;
  const productIdent = { productId: id, productVersion, packageVersion };
  return {
    product,
    productProperties: tables(document, "ProductProperty").map((each) => readProperty(each, productIdent)),
    productDependencies: tables(document, "ProductDependency").map((each) => readDependency(each, productIdent)),
    packageDependencies: asList(packageTable["depends"]).map(readPackageDependency),
    changelog,
  };
}

function parseToml(text: string): Table {
  // The original's parser takes it for a key
  if (text.startsWith("\ufeff")) throw controlError("control.toml begins with a byte order mark; save it without");
  try {
    // Whole numbers as bigint: so 1.0 and 1 can be told apart. Line ends of Windows do not belong to the texts
    return parse(text.replace(/\r\n?/g, "\n"), { integersAsBigInt: true });
  } catch (error) {
    if (error instanceof TomlError) throw controlError(`Bad control.toml: ${error.message}`, error);
    throw error;
  }
}

function readProduct(given: Table, more: Record<string, unknown>): OpsiObject {
  required(given, "id", "Product");
  required(given, "version", "Product");
  const type = required(given, "type", "Product");
  const objectType = typeof type === "string" && Object.hasOwn(productTypes, type) ? productTypes[type] : undefined;
  if (!objectType) throw controlError(`Unknown opsi package type ${pythonString(type)}`);
  const hash: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const attribute = attributeNames[key] ?? key;
    if (key === "type" || key === "changelog") continue; // a changelog here is overwritten by that of its own table
    if (noKeys.has(key) || !objectType.parameters.includes(attribute)) {
      throw new OpsiError("TypeError", `Unknown key '${key}' in [Product] of a ${objectType.name}`, { field: key });
    }
    hash[attribute] = numericKeys.has(key) ? plainNumber(value) : plainValue(value);
  }
  return fromHash(objectType, { ...hash, ...more });
}

function readDependency(given: Table, productIdent: Record<string, unknown>): OpsiObject {
  const optional = (key: string) => {
    const value = given[key];
    return value === undefined || value === "" ? null : plainValue(value);
  };
  return fromHash(ProductDependency, {
    ...productIdent,
    productAction: plainValue(required(given, "action", "ProductDependency")),
    requiredProductId: plainValue(required(given, "requiredProduct", "ProductDependency")),
    requiredProductVersion: optional("requiredProductVersion"),
    requiredPackageVersion: optional("requiredPackageVersion"),
    requiredAction: optional("requiredAction"),
    requiredInstallationStatus: optional("requiredStatus"),
    requirementType: given["requirementType"] === undefined ? "before" : optional("requirementType"),
  });
}

function readProperty(given: Table, productIdent: Record<string, unknown>): OpsiObject {
  const type = pythonString(given["type"] ?? "unicode").toLowerCase();
  const hash = {
    ...productIdent,
    propertyId: tomlText(given["name"] ?? ""),
    description: tomlText(given["description"] ?? ""),
    defaultValues: values(given["default"]),
  };
  if (type === "bool" || type === "boolproductproperty") return fromHash(BoolProductProperty, hash);
  if (type !== "unicode" && type !== "unicodeproductproperty") {
    throw controlError(`Error in control file: unknown product property type '${type}'`);
  }
  return fromHash(UnicodeProductProperty, {
    ...hash,
    possibleValues: values(given["values"]),
    // The original takes every value of the key for true, and so do all packages that are in use
    editable: true,
    multiValue: given["multivalue"] ?? false,
  });
}

function readPackageDependency(given: unknown): PackageDependency {
  if (!isTable(given)) throw controlError(`Not a dict '${tomlText(given)}'`);
  const { package: name, version, condition } = given;
  if (name === undefined || name === "") throw controlError(`No package given: ${pythonRepr(given)}`);
  if (version === undefined || version === "") return { package: tomlText(name), version: null, condition: null };
  const wanted = condition === undefined || condition === "" ? "=" : tomlText(condition);
  if (!conditions.includes(wanted as Condition)) throw controlError(`Bad condition '${wanted}' in package dependency`);
  return { package: tomlText(name), version: tomlText(version), condition: wanted as Condition };
}

function windowsSoftwareIds(document: Table): Record<string, unknown> {
  const windows = document["windows"];
  if (!isTable(windows) || Object.keys(windows).length === 0) return {};
  return { windowsSoftwareIds: values(windows["softwareids"]) };
}

function changelogOf(document: Table): string | null {
  const { changelog } = document;
  const text = isTable(changelog) ? changelog["changelog"] : undefined;
  return text === undefined ? null : tomlText(text);
}

function required(given: Table, key: string, name: string): unknown {
  const value = given[key];
  if (value === undefined) throw controlError(`Key '${key}' missing in [${name}] of control.toml`);
  return value;
}

function table(value: unknown, name: string): Table {
  if (!isTable(value)) throw controlError(`Table [${name}] missing in control.toml`);
  return value;
}

function tables(document: Table, name: string): Table[] {
  return asList(document[name]).map((value) => {
    if (!isTable(value)) throw controlError(`${name} in control.toml is not an array of tables`);
    return value;
  });
}

/** A text counts as the list of its characters, and none of them is a table. */
function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [...value];
  return isTable(value) ? Object.keys(value) : [value];
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A list, or one value. */
function values(value: unknown): unknown[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(plainValue);
}

/** What the rules of the model understand: fractions as text, dates as text. */
function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  return typeof value === "number" || value instanceof Date ? tomlText(value) : value;
}

const plainNumber = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);

function tomlText(value: unknown): string {
  if (typeof value === "number") return floatText(value);
  return value instanceof Date ? value.toISOString() : pythonString(value);
}
