import { describe, expect, test } from "vitest";
import { identAttributes } from "./object.ts";
import { families, isSubtype, objectTypes } from "./objects.ts";

const types = [...objectTypes.values()].map((type) => [type.name, type] as const);

describe.each(types)("%s", (_name, type) => {
  test("has its mandatory arguments first and only attributes as arguments", () => {
    const idents = identAttributes(type);
    expect(type.parameters.slice(0, idents.length)).toEqual(idents);
    const names = Object.keys(type.attributes);
    expect(type.parameters.filter((name) => !names.includes(name))).toEqual([]);
  });

  test("has exactly its stored attributes in the table", () => {
    const stored = Object.keys(type.attributes).filter((name) => type.attributes[name]?.sql !== null);
    const family = families.find(({ prefix }) => prefix === type.prefix);
    const ofFamily = new Set(
      family?.types.flatMap(({ attributes }) => Object.keys(attributes).filter((name) => attributes[name]?.sql)),
    );
    expect(stored.filter((name) => !type.columnOrder.includes(name))).toEqual([]);
    expect(new Set(type.columnOrder)).toEqual(type.typeColumn ? ofFamily.add("type") : ofFamily);
  });

  test("names every argument that it does not store in a side table or leave out", () => {
    const notGiven = Object.keys(type.attributes).filter((name) => !type.parameters.includes(name));
    const expected: Record<string, string[]> = {
      BoolConfig: ["possibleValues", "editable", "multiValue"],
      BoolProductProperty: ["possibleValues", "editable", "multiValue"],
      NetbootProduct: ["userLoginScript"],
    };
    expect(notGiven).toEqual(expected[type.name] ?? []);
  });
});

test("all families of the method index are there", () => {
  expect(families.map(({ prefix }) => prefix).sort()).toEqual([
    "auditSoftware",
    "auditSoftwareOnClient",
    "auditSoftwareToLicensePool",
    "config",
    "configState",
    "group",
    "host",
    "licenseContract",
    "licenseOnClient",
    "licensePool",
    "objectToGroup",
    "product",
    "productDependency",
    "productOnClient",
    "productOnDepot",
    "productProperty",
    "productPropertyState",
    "softwareLicense",
    "softwareLicenseToLicensePool",
    "user",
  ]);
});

test("a config server is a depot server is a host", () => {
  expect(isSubtype("OpsiConfigserver", "OpsiDepotserver")).toBe(true);
  expect(isSubtype("OpsiConfigserver", "Host")).toBe(true);
  expect(isSubtype("OpsiDepotserver", "OpsiConfigserver")).toBe(false);
  expect(isSubtype("OpsiClient", "Group")).toBe(false);
});
