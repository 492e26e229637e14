import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOpsiError } from "./errors.ts";
import { fromHash, identString, isOpsiObject, setDefaults, toHash, withValues } from "./object.ts";
import type { ObjectType } from "./object-type.ts";
import {
  AuditSoftware,
  BoolConfig,
  BoolProductProperty,
  Config,
  ConfigState,
  Host,
  LocalbootProduct,
  NetbootProduct,
  ObjectToGroup,
  OEMSoftwareLicense,
  OpsiClient,
  OpsiDepotserver,
  objectTypes,
  Product,
  ProductOnClient,
  ProductProperty,
  UnicodeConfig,
} from "./objects.ts";

describe("fromHash", () => {
  test("has all attributes in the order of the type, null where nothing is given", () => {
    const object = fromHash(ConfigState, { objectId: " A.B ", configId: "C", values: [null, "b", "a"] });
    expect(Object.entries(toHash(object))).toEqual([
      ["values", ["a", "b", null]],
      ["configId", "c"],
      ["objectId", "a.b"],
      ["type", "ConfigState"],
      ["ident", "c;a.b"],
    ]);
  });

  test("drops unknown keys and takes the ident apart, which goes before single keys", () => {
    const product = fromHash(LocalbootProduct, { type: "LocalbootProduct", ident: "a;1;2", foo: 1, id: "b" });
    expect(product).toMatchObject({ id: "a", productVersion: "1", packageVersion: "2" });
    expect(product).not.toHaveProperty("foo");
    expect(fromHash(OpsiClient, { ident: ["pc1.example.org"] }).id).toBe("pc1.example.org");
    expect(fromHash(OpsiClient, { ident: { id: "pc2.example.org" } }).id).toBe("pc2.example.org");
  });

  test("forgets bad addresses of hosts, but no other bad values", () => {
    expect(fromHash(OpsiClient, { id: "a.b.cc", ipAddress: "999.1.1.1" }).ipAddress).toBeNull();
    expect(fromHash(OpsiDepotserver, { id: "a.b.cc", networkAddress: "1.2.3.4/8" }).networkAddress).toBeNull();
    expect(() => fromHash(OpsiDepotserver, { id: "a.b.cc", masterDepotId: "" })).toThrow("Bad fqdn: ''");
    expect(() => fromHash(OpsiDepotserver, { id: "a.b.cc", depotLocalUrl: "" })).toThrow("Bad url: ''");
  });

  test("names the field of a bad value", () => {
    try {
      fromHash(OpsiClient, { id: "a.b.cc", opsiHostKey: "x" });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ class: "ValueError", field: "opsiHostKey" });
    }
  });

  test.each<[ObjectType, Record<string, unknown>, string]>([
    [Host, {}, "Host.__init__() missing 1 required positional argument: 'id'"],
    [ConfigState, {}, "ConfigState.__init__() missing 2 required positional arguments: 'configId' and 'objectId'"],
    [
      ObjectToGroup,
      {},
      "ObjectToGroup.__init__() missing 3 required positional arguments: 'groupType', 'groupId', and 'objectId'",
    ],
    [Host, { id: "a.b.cc", opsiHostKey: "x" }, "Host.__init__() got an unexpected keyword argument 'opsiHostKey'"],
    [Product, { pxeConfigTemplate: "x" }, "Product.__init__() got an unexpected keyword argument 'pxeConfigTemplate'"],
  ])("what the constructor does not take is a TypeError, case %#", (type, hash, message) => {
    expect(() => fromHash(type, hash)).toThrow(expect.objectContaining({ class: "TypeError", message }));
  });

  test.each([
    ["a;b", "Ident a;b"],
    [5, "Ident 5"],
    [null, "Ident None"],
    [["a", "b"], "Ident ['a', 'b']"],
  ])("an ident of the wrong length is a ValueError: %j", (ident, start) => {
    expect(() => fromHash(OpsiClient, { ident })).toThrow(
      `${start} does not match class '<class 'opsicommon.objects.OpsiClient'>' constructor arguments ['id']`,
    );
  });

  test("null is a value for the ident, and none for other attributes", () => {
    const software = fromHash(AuditSoftware, {
      name: "N",
      version: null,
      subVersion: null,
      language: null,
      architecture: null,
      installSize: null,
    });
    expect(software).toMatchObject({ version: "none", subVersion: "none", language: "", architecture: "" });
    expect(software.installSize).toBeNull();
    expect(identString(software)).toBe("N;none;none;;");
  });

  test("constructors set some attributes by themselves", () => {
    const onClient = { productId: "p", productType: "localboot", clientId: "a.b.cc" };
    expect(fromHash(ProductOnClient, onClient).actionSequence).toBe(-1);
    expect(fromHash(ProductOnClient, { ...onClient, actionSequence: null }).actionSequence).toBe(-1);
    expect(
      fromHash(OEMSoftwareLicense, { id: "l", licenseContractId: "c", maxInstallations: 9 }).maxInstallations,
    ).toBe(1);
    const ident = { id: "p", productVersion: "1", packageVersion: "1" };
    expect(fromHash(NetbootProduct, { ...ident, userLoginScript: "x" }).userLoginScript).toBeNull();
  });
});

describe("value lists of Config and ProductProperty", () => {
  test.each<[ObjectType, Record<string, unknown>, Record<string, unknown>]>([
    [
      UnicodeConfig,
      { possibleValues: ["b", "a", "a"], defaultValues: ["z", "a"] },
      { possibleValues: ["a", "b"], defaultValues: ["a"], multiValue: null, description: "" },
    ],
    [
      UnicodeConfig,
      { defaultValues: ["z", "y"] },
      { possibleValues: ["y", "z"], defaultValues: ["y", "z"], multiValue: true },
    ],
    [UnicodeConfig, { description: null }, { possibleValues: null, defaultValues: null, description: null }],
    [UnicodeConfig, { defaultValues: [] }, { possibleValues: [], defaultValues: [], multiValue: null }],
    [
      UnicodeConfig,
      { possibleValues: [1, true, null], defaultValues: "1", multiValue: "yes" },
      { possibleValues: ["1", "None", "True"], defaultValues: ["1"], multiValue: true },
    ],
    // Seen in a recording: two of the dropped values still make the attribute multi-valued.
    [
      UnicodeConfig,
      { possibleValues: ["a"], defaultValues: ["x", "y", "z", "a"] },
      { possibleValues: ["a"], defaultValues: ["a"], multiValue: true },
    ],
    [
      BoolConfig,
      { defaultValues: ["1"], possibleValues: ["x"], editable: true, multiValue: true },
      { possibleValues: [false, true], defaultValues: [true], editable: false, multiValue: false },
    ],
    [BoolConfig, { defaultValues: [true, 1, "on"] }, { defaultValues: [true] }],
    [Config, { possibleValues: [2, 1, true] }, { possibleValues: [1, 2] }],
    [Config, { possibleValues: [true, 1] }, { possibleValues: [true] }],
  ])("are normalized and related, case %#", (type, hash, expected) => {
    expect(fromHash(type, { id: "x", ...hash })).toMatchObject(expected);
  });

  test("a boolean has one default value", () => {
    expect(() => fromHash(BoolConfig, { id: "x", defaultValues: [true, false] })).toThrow(
      "Backend bad value error: Bool config cannot have multiple default values: [False, True]",
    );
    const ident = { productId: "p", productVersion: "1", packageVersion: "1", propertyId: "x" };
    expect(() => fromHash(BoolProductProperty, { ...ident, defaultValues: [true, true] })).toThrow(
      "Backend bad value error: Bool config cannot have multiple default values",
    );
  });

  test("values that cannot be put in order are a TypeError", () => {
    const ident = { productId: "p", productVersion: "1", packageVersion: "1", propertyId: "x" };
    expect(() => fromHash(ProductProperty, { ...ident, possibleValues: [1, "a"] })).toThrow(
      "'<' not supported between instances of 'str' and 'int'",
    );
  });
});

describe("setDefaults", () => {
  test("fills what an insert fills and leaves the given object alone", () => {
    const client = fromHash(OpsiClient, { id: "a.b.cc", description: "x" });
    const filled = setDefaults(client);
    expect(filled).toMatchObject({ description: "x", notes: "", inventoryNumber: "", hardwareAddress: null });
    expect(filled["opsiHostKey"]).toMatch(/^[0-9a-f]{32}$/);
    expect(filled["created"]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(client.notes).toBeNull();
    expect(isOpsiObject(filled)).toBe(true);
  });

  test("keeps the relation of value lists", () => {
    expect(setDefaults(fromHash(UnicodeConfig, { id: "x", possibleValues: ["a"] }))).toMatchObject({
      defaultValues: [],
      editable: true,
      multiValue: false,
    });
    expect(setDefaults(fromHash(BoolConfig, { id: "x" }))).toMatchObject({ defaultValues: [false] });
  });
});

test("other values are normalized like first ones", () => {
  const client = fromHash(OpsiClient, { id: "a.b.cc" });
  expect(withValues(client, { hardwareAddress: "AABBCCDDEEFF" })).toMatchObject({
    id: "a.b.cc",
    hardwareAddress: "aa:bb:cc:dd:ee:ff",
  });
});

test("a copy of an object is a plain hash", () => {
  const client = fromHash(OpsiClient, { id: "a.b.cc" });
  expect([isOpsiObject(client), isOpsiObject({ ...client }), isOpsiObject(null)]).toEqual([true, false, false]);
  expect(identString({ ...client })).toBe("a.b.cc");
});

/** Values that the rule of an attribute may take, among others. */
const text = fc.stringMatching(/^[a-z0-9]{1,10}$/);
const values: Record<string, fc.Arbitrary<unknown>> = {
  hostId: text.map((name) => `${name}.example.org`),
  productType: fc.constantFrom("localboot", "NetbootProduct"),
  groupType: fc.constantFrom("hostgroup", "ProductGroup"),
  url: text.map((name) => `smb://${name}/x`),
  opsiHostKey: fc.stringMatching(/^[0-9a-f]{32}$/),
  opsiTimestamp: fc.constantFrom("", "20240131", "2024-01-31 10:11:12"),
  actionRequest: fc.constantFrom("setup", "", "None"),
  optionalLanguageCode: fc.constantFrom("", "de_de", "en"),
  optionalArchitecture: fc.constantFrom("", "X64"),
  firstHardwareAddress: fc.constantFrom("", "AABBCCDDEEFF"),
  systemUuid: fc.constantFrom("", "8F6B7C1A000040008000000000000009"),
  values: fc.array(fc.oneof(fc.string(), fc.constant(null))),
  sortedValues: fc.array(fc.string()),
  stringList: fc.array(fc.string()),
  productIdList: fc.array(text),
  boolValues: fc.array(fc.constant("true")),
  untypedValues: fc.array(fc.integer()),
  singleBoolValue: fc.boolean(),
  bool: fc.boolean(),
};

function anyHash(type: ObjectType): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(type.attributes).map(([name, { rule, ident }]) => {
    const choices = rule.choices === undefined ? undefined : fc.constantFrom(...rule.choices);
    const numbers = rule.control === "integer" ? fc.integer({ min: 0, max: 1 }) : undefined;
    const value = values[rule.name] ?? choices ?? numbers ?? text;
    return [name, ident ? value : fc.option(value)] as const;
  });
  return fc.record(Object.fromEntries(entries));
}

describe.each([...objectTypes.values()].map((type) => [type.name, type] as const))("any %s", (_name, type) => {
  test("comes back the same from its hash", () => {
    fc.assert(
      fc.property(anyHash(type), (hash) => {
        const object = fromHash(type, hash);
        expect(fromHash(type, toHash(object))).toEqual(object);
        const filled = setDefaults(object);
        expect(setDefaults(filled)).toEqual(filled);
      }),
      { numRuns: 20 },
    );
  });

  test("or a typed error comes from any JSON", () => {
    const names = fc.constantFrom("ident", "foo", ...Object.keys(type.attributes));
    const hash = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 30 });
    fc.assert(
      fc.property(hash, (given) => {
        try {
          expect(isOpsiObject(fromHash(type, given))).toBe(true);
        } catch (error) {
          if (!isOpsiError(error)) throw error;
        }
      }),
      { numRuns: 50 },
    );
  });
});
