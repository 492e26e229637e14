import type { OpsiObject } from "@opsi-ts/model";
import type { PackageControl } from "./package-control.ts";

/** Writes the TOML form of the control file in the original's layout (packages 1.6). The changelog is a file of its own. */
export function writeTomlControl({ product, ...control }: PackageControl): string {
  const blocks: string[][] = [
    ["[Package]", ...pairs({ version: product["packageVersion"] })],
    ...control.packageDependencies.map((dependency) => ["[[Package.depends]]", ...pairs({ ...dependency })]),
    ["[Product]", ...productPairs(product)],
    ...control.productProperties.map((property) => ["[[ProductProperty]]", ...propertyPairs(property)]),
    ...control.productDependencies.map((dependency) => ["[[ProductDependency]]", ...dependencyPairs(dependency)]),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const scripts = [
  ...["setupScript", "uninstallScript", "updateScript", "alwaysScript", "onceScript", "customScript"],
  "userLoginScript",
];

function productPairs(product: OpsiObject): string[] {
  return [
    ...pairs({ type: product.type, id: product["id"], name: product["name"] }),
    ...multiLine("description", product["description"], false),
    ...multiLine("advice", product["advice"], false),
    ...pairs({
      version: product["productVersion"],
      priority: product["priority"],
      licenseRequired: product["licenseRequired"],
      productClasses: product["productClassIds"],
    }),
    ...scripts.flatMap((key) => (product[key] ? pairs({ [key]: product[key] }) : [])),
    ...pairs({ windowsSoftwareIds: product["windowsSoftwareIds"] }),
    ...(product["pxeConfigTemplate"] ? pairs({ pxeConfigTemplate: product["pxeConfigTemplate"] }) : []),
  ];
}

function propertyPairs(property: OpsiObject): string[] {
  const common = [
    ...pairs({ type: property.type, name: property["propertyId"] }),
    ...multiLine("description", property["description"], true),
    ...pairs({ default: property["defaultValues"] }),
  ];
  if (property.type === "BoolProductProperty") return common;
  const values = (property["possibleValues"] as readonly unknown[] | null) ?? [];
  return [
    ...common,
    ...(values.length === 0 ? ["values = []"] : ["values = [", ...values.map((item) => `    ${value(item)},`), "]"]),
    ...pairs({ multivalue: property["multiValue"], editable: property["editable"] }),
  ];
}

function dependencyPairs(dependency: OpsiObject): string[] {
  return pairs({
    requiredProduct: dependency["requiredProductId"],
    requiredProductVersion: dependency["requiredProductVersion"],
    requiredPackageVersion: dependency["requiredPackageVersion"],
    action: dependency["productAction"],
    requirementType: dependency["requirementType"],
    requiredAction: dependency["requiredAction"],
    requiredStatus: dependency["requiredInstallationStatus"],
  });
}

/** `key = value` for all that are set. */
function pairs(table: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(table).flatMap(([key, item]) =>
    item === null || item === undefined ? [] : [`${key} = ${value(item)}`],
  );
}

function value(item: unknown): string {
  if (typeof item === "string") return basicString(item);
  return Array.isArray(item) ? `[${item.map(value).join(", ")}]` : String(item);
}

function basicString(text: string): string {
  return `"${text.replace(/["\\\p{Cc}]/gu, (character) => escapes[character] ?? codeEscape(character))}"`;
}

function multiLine(key: string, item: unknown, evenEmpty: boolean): string[] {
  const text = item === null || item === undefined ? "" : String(item);
  if (text === "" && !evenEmpty) return [];
  const escaped = text.replace(/\\/g, "\\\\").replace(/[^\P{Cc}\n\t]/gu, codeEscape);
  // A line feed right after the quotes is taken off by readers; three quotes would end the text
  const start = escaped.startsWith("\n") ? "\n" : "";
  return [`${key} = """${start}${escaped.replace(/"(?=""|"?$)/g, '\\"')}"""`];
}

const escapes: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r" };
const codeEscape = (character: string): string => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
