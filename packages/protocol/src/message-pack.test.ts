import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessagePack, encodeMessagePack } from "./message-pack.ts";

const decode = (bytes: Uint8Array) => decodeMessagePack(bytes, { depth: 50 });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const sharedValue = [1];

test.each<[what: string, value: unknown, bytes: string]>([
  ["plain maps, not records", { id: 1 }, "81a2696401"],
  ["the second map like the first", [{ a: 1 }, { a: 2 }], "9281a1610181a16102"],
  ["the same array twice, not a reference", [sharedValue, sharedValue], "9291019101"],
  ["32 bits", 4294967295, "ceffffffff"],
  ["more than 32 bits stays an integer", 5_000_000_000, "d3000000012a05f200"],
  ["negative beyond 32 bits", -5_000_000_000, "d3fffffffed5fa0e00"],
  ["2^53 - 1", Number.MAX_SAFE_INTEGER, "d3001fffffffffffff"],
  ["beyond, as bigint", 2n ** 64n - 1n, "cfffffffffffffffff"],
  ["fractions", 1.5, "cb3ff8000000000000"],
  ["bytes", Uint8Array.of(1, 2), "c4020102"],
  ["aware dates are timestamps (service §2.4)", new Date(1000), "d6ff00000001"],
  ["sets are arrays", new Set(["a"]), "91a161"],
  ["undefined is nil", [undefined], "91c0"],
])("%s", (_what, value, bytes) => {
  expect(hex(encodeMessagePack(value))).toBe(bytes);
});

test.each<[what: string, bytes: string, value: unknown]>([
  ["uint 64 within 2^53", "cf001fffffffffffff", Number.MAX_SAFE_INTEGER],
  ["uint 64 beyond", "cfffffffffffffffff", 2n ** 64n - 1n],
  ["int 64", "d3ffffffffffffffff", -1],
  ["float 32", "ca3fc00000", 1.5],
  ["integer keys", "810102", { 1: 2 }],
  ["timestamp 64", "d7ff0000000000000001", new Date(1000)],
  ["timestamp 96", "c70cff000000000000000000000001", new Date(1000)],
  ["str 8, 16, 32", "93d90161da000161db0000000161", ["a", "a", "a"]],
  ["map 16, array 32", "de0001a161dd0000000101", { a: [1] }],
  ["a key that would be a prototype", "81a95f5f70726f746f5f5f81a16101", { __proto_: { a: 1 } }],
])("%s", (_what, bytes, value) => {
  expect(decode(Buffer.from(bytes, "hex"))).toEqual(value);
});

test.each<[what: string, bytes: string]>([
  ["nothing", ""],
  ["the unused type", "c1"],
  ["trailing bytes", "0101"],
  ["an array longer than the data", "ddffffffff01"],
  ["a map longer than the data", "dfffffffff01"],
  ["a text longer than the data", "dbffffffff61"],
  ["bytes longer than the data", "c6ffffffff61"],
  ["half a number", "cb3ff8"],
  ["half a length", "da00"],
  ["half a map", "81a161"],
  ["broken UTF-8", "a2c328"],
  ["an array as key", "819001"],
  ["nil as key", "81c001"],
  ["a regular expression of the library", "d4780092a1612e"],
  ["a record of the library", "d4724091a161"],
  ["a reference of the library", "d67000000001"],
  ["a big integer of the library", "c70a4201000000000000000000"],
  ["a timestamp of odd length", "c701ff00"],
])("%s is refused", (_what, bytes) => {
  expect(() => decode(Buffer.from(bytes, "hex"))).toThrow(expect.objectContaining({ class: "DecodeError" }));
});

test("any bytes give a value or a typed error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(isOpsiError(error)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("any damage of a good body gives a value or a typed error", () => {
  const good = encodeMessagePack({
    id: 1,
    params: [["id", null], { type: "OpsiClient", list: [1.5, 70000, new Date(0)] }],
  });
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (position, byte) => {
      const damaged = Uint8Array.from(good);
      damaged[position] = byte;
      try {
        decode(damaged);
      } catch (error) {
        expect(isOpsiError(error)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("what was packed unpacks to the same value: integers, fractions, bytes, dates, texts", () => {
  const leaf = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer(),
    fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
    fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.date({ min: new Date("1900-01-01"), max: new Date("2500-01-01"), noInvalidDate: true }),
    fc.string({ unit: "grapheme", maxLength: 300 }),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ a: leaf, b: fc.array(leaf) })), (value) => {
      expect(decode(encodeMessagePack(value))).toEqual(value);
    }),
    { numRuns: 300 },
  );
});

test("values and their bytes are not changed by packing", () => {
  const value = { big: 5e9, list: [5e9, { set: new Set([5e9]) }] };
  encodeMessagePack(value);
  expect(value).toEqual({ big: 5e9, list: [5e9, { set: new Set([5e9]) }] });
});

test("what contains itself is a typed error", () => {
  const value: unknown[] = [];
  value.push(value);
  expect(() => encodeMessagePack(value)).toThrow(expect.objectContaining({ limit: "depth" }));
});
