import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOpsiError } from "./errors.ts";
import { type Rule, rule } from "./rules.ts";

/** The value, or the text of the error. */
function outcome({ coerce }: Rule, value: unknown): unknown {
  try {
    return coerce(value);
  } catch (error) {
    if (!isOpsiError(error)) throw error;
    return `! ${error.message}`;
  }
}

const long = "p".repeat(129);

describe.each<[keyof typeof rule, ...[unknown, unknown][]]>([
  [
    "bool",
    ["off", false],
    ["Yes", true],
    ["x", true],
    [" true", true],
    ["disabled", true],
    ["", false],
    [[0], true],
    [[], false],
    [{}, false],
    [0, false],
    [0.1, true],
    [null, false],
    [Uint8Array.of(0), true],
    [new Uint8Array(), false],
    [new Date(0), true],
  ],
  [
    "int",
    [5, 5],
    [2.9, 2],
    [-2.9, -2],
    [true, 1],
    [" 7\n", 7],
    ["+1_000", 1000],
    ["٣", 3],
    ["5.0", "! Bad int value '5.0': invalid literal for int() with base 10: '5.0'"],
    ["", "! Bad int value '': invalid literal for int() with base 10: ''"],
    [
      null,
      "! Bad int value 'None': int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
    ],
    [[], "! Bad int value '[]': int() argument must be a string, a bytes-like object or a real number, not 'list'"],
  ],
  ["unsignedInt", [-3, 3], ["-3", 3]],
  [
    "float",
    ["1e3", 1000],
    [2, 2],
    [".5", 0.5],
    ["x", "! Bad float value 'x': could not convert string to float: 'x'"],
    [null, "! Bad float value 'None': float() argument must be a string or a real number, not 'NoneType'"],
  ],
  ["oct", ["755", 0o755], [7, 7], ["8", "! Bad oct value 8: invalid literal for int() with base 8: '8'"]],
  ["dict", [null, {}], [{ a: 1 }, { a: 1 }], [[], "! Not a dict '[]'"], [Buffer.from("a"), "! Not a dict 'a'"]],
  [
    "uuid",
    ["{8F6B7C1A-0000-4000-8000-000000000009}", "8f6b7c1a-0000-4000-8000-000000000009"],
    ["urn:uuid:8f6b7c1a000040008000000000000009", "8f6b7c1a-0000-4000-8000-000000000009"],
    ["x", "! badly formed hexadecimal UUID string"],
  ],
  [
    "string",
    [null, "None"],
    [true, "True"],
    [5, "5"],
    [1.5, "1.5"],
    [["a"], "['a']"],
    [" a ", " a "],
    [Buffer.from("ä"), "ä"],
  ],
  ["stringLower", [null, "none"], ["ABC", "abc"]],
  [
    "opsiTimestamp",
    [null, "0000-00-00 00:00:00"],
    ["", "0000-00-00 00:00:00"],
    ["20230102030405", "2023-01-02 03:04:05"],
    ["2023-01-02 03:04:05.123", "2023-01-02 03:04:05"],
    ["2023-01-02", "2023-01-02 00:00:00"],
    ["9999-99-99 99:99:99", "9999-99-99 99:99:99"],
    ["2024-01-31T10:11:12", "! Bad opsi timestamp: 2024-01-31T10:11:12"],
    [5, "! Bad opsi timestamp: 5"],
    // MessagePack has a type for points in time
    [new Date(2024, 0, 5, 7, 8, 9), "2024-01-05 07:08:09"],
  ],
  ["objectId", [" A.B ", "a.b"], ["a\n", "a"], ["-x", "! Bad object id: '-x'"], [" ", "! Bad object id: ''"]],
  [
    "productId",
    ["Prod ", "prod"],
    ["a b", "! Bad product id: 'a b'"],
    ["-x", "! Bad object id: '-x'"],
    ["_x", "! Bad object id: '_x'"],
    [long, `! Bad product id: '${long}'`],
  ],
  [
    "hostId",
    ["HOST.Dom.LOCAL", "host.dom.local"],
    ["h.dom.local.", "h.dom.local"],
    ["1.2.3.44", "1.2.3.44"],
    ["h.döm.local", "h.döm.local"],
    ["a.b.cc\n", "a.b.cc\n"],
    ["host.local", "! Bad fqdn: 'host.local'"],
    ["h.dom.l", "! Bad fqdn: 'h.dom.l'"],
    ["h_1.dom.local", "! Bad fqdn: 'h_1.dom.local'"],
    ["host..dom.local", "! Bad fqdn: 'host..dom.local'"],
    ["host.dom.local ", "! Bad fqdn: 'host.dom.local '"],
    [["a.b.cc"], "! Bad fqdn: '['a.b.cc']'"],
    [null, "! Bad fqdn: 'none'"],
  ],
  ["domain", ["Dom.Local", "dom.local"], ["a", "! Bad domain: 'a'"]],
  ["hostname", ["PC-1", "pc-1"], ["a.b", "! Bad hostname: 'a.b'"]],
  [
    "hostAddress",
    ["::FFFF:10.0.0.1", "10.0.0.1"],
    ["A.B.CC", "a.b.cc"],
    ["pc", "pc"],
    ["a b", "! Invalid host address: 'a b'"],
  ],
  ["userId", ["Admin@AD\\x", "admin@ad\\x"], ["o'neill", `! Bad username: "o'neill"`]],
  [
    "hardwareAddress",
    ["AABBCCDDEEFF", "aa:bb:cc:dd:ee:ff"],
    ["aa-bb:ccdd-ee-ff", "aa:bb:cc:dd:ee:ff"],
    ["", ""],
    ["52:54:00:zz:00:01", "! Invalid hardware address: 52:54:00:zz:00:01"],
  ],
  [
    "ipAddress",
    ["::ffff:192.168.1.1", "192.168.1.1"],
    ["fe80::0001", "fe80::1"],
    ["192.168.001.1", "! '192.168.001.1' does not appear to be an IPv4 or IPv6 address"],
    [5, "! Invalid ip address: '5'"],
  ],
  ["netmask", ["255.255.255.0", "255.255.255.0"], ["255.256.0.0", "! Invalid netmask: '255.256.0.0'"]],
  [
    "networkAddress",
    ["192.168.1.0/255.255.255.0", "192.168.1.0/24"],
    ["192.168.1.1/24", "! 192.168.1.1/24 has host bits set"],
    [null, "! Invalid network address: 'None'"],
  ],
  ["url", ["file:///x", "file:///x"], ["SMB://h/x", "! Bad url: 'SMB://h/x'"], ["", "! Bad url: ''"]],
  ["emailAddress", ["A.B@c.de", "a.b@c.de"], ["@c.de", "! Bad email address: '@c.de'"]],
  ["opsiHostKey", ["ABCDEF".padEnd(32, "0"), "abcdef".padEnd(32, "0")], ["x", "! Bad opsi host key: x"]],
  ["configId", ["C", "c"], ["a b", "! Bad config id: 'a b'"], ["a\ufeff", "a\ufeff"]],
  ["productPropertyId", ["P", "p"], ["", "! Bad product property id: ''"]],
  ["productVersion", ["1.0a", "1.0a"], ["1_0", "! Bad product version: '1_0'"], ["", "! Bad product version: ''"]],
  ["packageVersion", ["1", "1"], ["1".repeat(17), `! Bad package version: '${"1".repeat(17)}'`]],
  ["licensePoolId", ["Pool :1", "pool :1"], [" x", "! Bad license pool id: ' x'"]],
  [
    "languageCode",
    ["EN_us", "en-US"],
    ["sr-latn-rs", "sr-Latn-RS"],
    ["enus", "en-US"],
    ["english", "eng-Lish"],
    ["deutsch-deutsch", "! Bad language code: 'deutsch-deutsch'"],
  ],
  ["architecture", ["X64", "x64"], ["arm64", "! Bad architecture: 'arm64'"]],
  ["hardwareVendorId", ["80ab", "80AB"], ["808", "! Bad hardware vendor id '808'"]],
  [
    "productType",
    ["localboot", "LocalbootProduct"],
    ["NetbootProduct", "NetbootProduct"],
    ["Foo", "! Unknown product type: 'Foo'"],
  ],
  ["groupType", ["HostGroup", "HostGroup"], [null, "! Unknown group type: 'None'"]],
  ["productPriority", [500, 100], ["-101", -100]],
  ["installationStatus", ["Installed", "installed"], ["", ""], ["failed", "! Bad installation status: 'failed'"]],
  ["actionRequest", ["", ""], ["undefined", null], ["SETUP", "setup"], [null, "none"]],
  ["actionResult", ["", null], ["failed", "failed"]],
  ["requirementType", ["", null], ["during", "! Bad requirement type: 'during'"]],
  ["auditState", ["1", 1], [-1, "! Bad audit state value: -1"], [2, "! Bad audit state value: 2"]],
  ["actionProgress", ["😀".repeat(251), "😀".repeat(250)], [`x${"😀".repeat(251)}`, `x${"😀".repeat(249)}`]],
  [
    "values",
    [
      [null, "b", "a"],
      ["a", "b", null],
    ],
    ["x", ["x"]],
    [[true, "a"], "! '<' not supported between instances of 'str' and 'bool'"],
    [[["a"], "b"], "! '<' not supported between instances of 'str' and 'list'"],
  ],
  ["sortedValues", [[null, "a"], "! '<' not supported between instances of 'str' and 'NoneType'"]],
  [
    "stringList",
    [
      [2, "10", "ä", "\u{1f600}", "\ufb01"],
      ["10", "2", "ä", "\ufb01", "\u{1f600}"],
    ],
  ],
  ["firstHardwareAddress", [["AABBCCDDEEFF", "x"], "aa:bb:cc:dd:ee:ff"], [[], "! list index out of range"]],
  ["lenientIpAddress", ["", ""], ["999.1.1.1", null]],
  ["lenientNetworkAddress", ["x", null]],
  ["systemUuid", ["", ""], [0, ""]],
])("%s", (name, ...cases) => {
  test.each(cases)("%j gives %j", (value, expected) => {
    expect(outcome(rule[name], value)).toEqual(expected);
  });
});

test("whatever is given: a value or a typed error, and a good value stays", () => {
  const names = fc.constantFrom(...(Object.keys(rule) as (keyof typeof rule)[]));
  fc.assert(
    fc.property(names, fc.oneof(fc.jsonValue(), fc.string({ unit: "grapheme" })), (name, value) => {
      const once = outcome(rule[name], value);
      if (typeof once === "string" && once.startsWith("!")) return;
      if (once === null || name === "actionProgress") return;
      expect(outcome(rule[name], once)).toEqual(once);
    }),
    { numRuns: 1000 },
  );
});
