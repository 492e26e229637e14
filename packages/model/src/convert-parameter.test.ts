import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { convertParameter, requireObject } from "./convert-parameter.ts";
import { isOpsiError } from "./errors.ts";
import { fromHash, isOpsiObject } from "./object.ts";
import type { ObjectType } from "./object-type.ts";
import {
  AuditSoftware,
  ConfigState,
  Group,
  Host,
  HostGroup,
  LocalbootProduct,
  OpsiClient,
  ProductOnClient,
} from "./objects.ts";

const client = { type: "OpsiClient", id: "pc1.example.org" };

describe("convertParameter", () => {
  test("makes objects of hashes with a known type, also in lists in lists", () => {
    const [[inner], outer] = convertParameter([[client], { type: "HostGroup", id: "G" }]) as [[unknown], unknown];
    expect(isOpsiObject(inner)).toBe(true);
    expect(outer).toMatchObject({ type: "HostGroup", id: "g" });
  });

  test.each([
    [{ id: "x" }],
    [{ type: "Kaffeemaschine", id: "x" }],
    [{ type: null }],
    [{ type: 5 }],
    [{ hosts: [client] }],
    ["text"],
    [null],
  ])("leaves %j as it is", (value) => {
    expect(convertParameter(value)).toBe(value);
  });

  test.each([
    [
      { type: "OpsiClient", id: "kurz", foo: [1] },
      "Failed to create object from dict {'id': 'kurz', 'foo': [1]}: Bad fqdn: 'kurz'",
    ],
    [{ type: "OpsiClient", ident: "" }, "Failed to create object from dict {'id': ''}: Bad fqdn: ''"],
    [
      { type: "HostGroup", ident: "a;b" },
      "Failed to create object from dict {}: Ident a;b does not match class " +
        "'<class 'opsicommon.objects.HostGroup'>' constructor arguments ['id']",
    ],
    [{ type: ["OpsiClient"] }, "Failed to create object from dict {'type': ['OpsiClient']}: unhashable type: 'list'"],
    [{ type: {}, id: 1 }, "Failed to create object from dict {'type': {}, 'id': 1}: unhashable type: 'dict'"],
    [{ type: "Entity", id: "x" }, "Failed to create object from dict {'id': 'x'}: Entity() takes no arguments"],
    [
      { type: "BoolConfig", id: "b", defaultValues: [true, false] },
      "Failed to create object from dict {'id': 'b', 'defaultValues': [True, False]}: " +
        "Backend bad value error: Bool config cannot have multiple default values: [False, True]",
    ],
    [
      { type: "AuditHardware" },
      "Failed to create object from dict {}: AuditHardware.__init__() missing 1 required positional argument: " +
        "'hardwareClass'",
    ],
  ])("%j cannot be created", (value, message) => {
    expect(() => convertParameter([value])).toThrow(expect.objectContaining({ class: "ValueError", message }));
  });
});

describe("requireObject", () => {
  test("takes objects, hashes of the type and texts of them", () => {
    expect(requireObject(convertParameter(client), Host)).toMatchObject(client);
    expect(requireObject({ id: "pc1.example.org" }, Host).type).toBe("Host");
    expect(requireObject(JSON.stringify(client), Host)).toMatchObject(client);
  });

  test.each<[unknown, ObjectType, string, string]>([
    [{ id: "einwort" }, Host, "ValueError", "{'id': 'einwort'} is not a {Host}: Bad fqdn: 'einwort'"],
    [
      {},
      ConfigState,
      "ValueError",
      "{} is not a {ConfigState}: ConfigState.__init__() missing 2 required positional arguments: 'configId' and 'objectId'",
    ],
    [{ type: "X", id: "x" }, Host, "ValueError", "{'type': 'X', 'id': 'x'} is not a {Host}: Invalid object type: X"],
    [{ type: null }, Group, "ValueError", "{'type': None} is not a {Group}: Invalid object type: None"],
    [5, Host, "ValueError", "5 is not a {Host}"],
    [[], Host, "ValueError", "[] is not a {Host}"],
    ["kein Objekt", Group, "ValueError", "'kein Objekt' is not a {Group}"],
    [`{"kaputt": `, Group, "ValueError", `'{"kaputt": ' is not a {Group}: Input data was truncated`],
    [fromHash(HostGroup, { id: "x" }), Host, "ValueError", "<HostGroup(id='x', parentGroupId='None'> is not a {Host}"],
    [[fromHash(OpsiClient, client)], Host, "ValueError", "[<OpsiClient(id='pc1.example.org')>] is not a {Host}"],
    [
      fromHash(LocalbootProduct, { ident: "vlc;3;1" }),
      ProductOnClient,
      "ValueError",
      "<LocalbootProduct(id='vlc', name='None', productVersion='3', packageVersion='1')> is not a {ProductOnClient}",
    ],
    [
      fromHash(ConfigState, { ident: "a;b.c.dd", values: ["b"] }),
      Host,
      "ValueError",
      "<ConfigState(configId='a', objectId='b.c.dd', values=['b'])> is not a {Host}",
    ],
    [{ name: "x" }, AuditSoftware, "KeyError", "'type'"],
    ["{}", AuditSoftware, "TypeError", "string indices must be integers, not 'str'"],
    [null, AuditSoftware, "TypeError", "'NoneType' object is not subscriptable"],
    [[], AuditSoftware, "TypeError", "list indices must be integers or slices, not str"],
  ])("refuses what is no object of the type, case %#", (value, type, errorClass, text) => {
    const message = text.replace(/\{([A-Z]\w+)\}/, "<class 'opsicommon.objects.$1'>");
    expect(() => requireObject(value, type)).toThrow(expect.objectContaining({ class: errorClass, message }));
  });

  test("a text that is larger than any object is not parsed", () => {
    const text = `{"id":"pc1.example.org","x":[${"[],".repeat(400_000)}0]}`;
    expect(() => requireObject(text, Host)).toThrow("is not a <class 'opsicommon.objects.Host'>");
  });

  test("a method may insist on a type where its family does not", () => {
    expect(() => requireObject({ id: "x" }, Group, { typeRequired: true })).toThrow("'type'");
  });
});

test("any JSON is converted, left alone or refused with a typed error", () => {
  const types = fc.constantFrom("OpsiClient", "ConfigState", "AuditHardware", "Object", "BoolConfig", "x", null, 5);
  const hash = fc.record({ type: types, id: fc.jsonValue(), ident: fc.jsonValue() }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(hash, fc.array(hash), fc.jsonValue()), (value) => {
      try {
        requireObject(convertParameter(value), Host);
      } catch (error) {
        if (!isOpsiError(error)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
