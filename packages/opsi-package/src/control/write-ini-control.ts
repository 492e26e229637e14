import type { OpsiObject } from "@opsi-ts/model";
import { needsIndent, textLines } from "./ini-sections.ts";
import type { PackageControl, PackageDependency } from "./package-control.ts";

/** Writes the INI form of the control file, exactly as the original's tools lay it out (packages 1.5, "Legacy writer"). */
export function writeIniControl({ product, ...control }: PackageControl): string {
  const sections = [packageSection(product, control.packageDependencies), productSection(product)];
  const softwareIds = list(product["windowsSoftwareIds"]);
  if (softwareIds.length > 0) sections.push(["[Windows]", `softwareIds: ${softwareIds.join(", ")}`]);
  sections.push(...control.productDependencies.map(dependencySection));
  sections.push(...control.productProperties.map(propertySection));
  const changelog = text(product["changelog"]);
  if (changelog !== "") sections.push(["[Changelog]", textLines(changelog.replace(/\n$/, "")).join("\n")]);
  return sections.flatMap((lines) => [...lines, ""]).join("\n");
}

function packageSection({ packageVersion }: OpsiObject, dependencies: readonly PackageDependency[]): string[] {
  const depends = dependencies.map(({ package: name, version, condition }) =>
    version === null ? name : `${name} (${condition ?? "="} ${version})`,
  );
  return ["[Package]", `version: ${text(packageVersion)}`, `depends: ${depends.join(", ")}`];
}

function productSection(product: OpsiObject): string[] {
  const isNetboot = product.type === "NetbootProduct";
  return [
    "[Product]",
    `type: ${isNetboot ? "netboot" : "localboot"}`,
    `id: ${text(product["id"])}`,
    // What the TOML form leaves unset appears as the original's tools have always written it
    `name: ${product["name"] === null ? "None" : text(product["name"])}`,
    `description: ${indented(product["description"])}`,
    `advice: ${indentedWhereNeeded(product["advice"])}`,
    `version: ${text(product["productVersion"])}`,
    `priority: ${text(product["priority"] ?? 0)}`,
    `licenseRequired: ${product["licenseRequired"] === null ? "None" : boolean(product["licenseRequired"])}`,
    ...(product["productClassIds"] === null ? [] : [`productClasses: ${list(product["productClassIds"]).join(", ")}`]),
    `setupScript: ${text(product["setupScript"])}`,
    `uninstallScript: ${text(product["uninstallScript"])}`,
    `updateScript: ${text(product["updateScript"])}`,
    `alwaysScript: ${text(product["alwaysScript"])}`,
    `onceScript: ${text(product["onceScript"])}`,
    `customScript: ${text(product["customScript"])}`,
    isNetboot
      ? `pxeConfigTemplate: ${text(product["pxeConfigTemplate"])}`
      : `userLoginScript: ${text(product["userLoginScript"])}`,
  ];
}

function dependencySection(dependency: OpsiObject): string[] {
  const optional = (key: string, attribute: string) => {
    const value = text(dependency[attribute]);
    return value === "" ? [] : [`${key}: ${value}`];
  };
  return [
    "[ProductDependency]",
    `action: ${text(dependency["productAction"])}`,
    ...optional("requiredProduct", "requiredProductId"),
    ...optional("requiredProductVersion", "requiredProductVersion"),
    ...optional("requiredPackageVersion", "requiredPackageVersion"),
    ...optional("requiredAction", "requiredAction"),
    ...optional("requiredStatus", "requiredInstallationStatus"),
    ...optional("requirementType", "requirementType"),
  ];
}

function propertySection(property: OpsiObject): string[] {
  const isBool = property.type === "BoolProductProperty";
  const description = indented(property["description"]);
  return [
    "[ProductProperty]",
    `type: ${isBool ? "bool" : "unicode"}`,
    `name: ${text(property["propertyId"])}`,
    ...(isBool ? [] : [`multivalue: ${boolean(property["multiValue"])}`, `editable: ${boolean(property["editable"])}`]),
    ...(description === "" ? [] : [`description: ${description}`]),
    ...(isBool
      ? [`default: ${boolean(list(property["defaultValues"])[0])}`]
      : [`values: ${jsonLine(property["possibleValues"])}`, `default: ${jsonLine(property["defaultValues"])}`]),
  ];
}

/** JSON leaves characters in texts as they are that end a line for the original. */
function jsonLine(value: unknown): string {
  return JSON.stringify(list(value)).replace(
    /[\x85\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A blank before each further line, so that it is read as part of the text. */
function indented(value: unknown): string {
  return textLines(text(value)).join("\n ");
}

/** The original does so for the description only. Lines of the advice get their blank where they would be misread. */
function indentedWhereNeeded(value: unknown): string {
  const [first = "", ...others] = textLines(text(value));
  return [first, ...others.map((line) => (needsIndent("product", line) ? ` ${line}` : line))].join("\n");
}

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));
const boolean = (value: unknown): string => (value ? "True" : "False");
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
