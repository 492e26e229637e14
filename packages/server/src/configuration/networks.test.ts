import fc from "fast-check";
import { expect, test } from "vitest";
import { exploded, Networks, normalizedAddress, withLocalMachine } from "./networks.ts";

test.each([
  ["10.1.2.3", "10.1.2.3"],
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["::FFFF:0A01:0203", "10.1.2.3"],
  ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["unknown", "unknown"],
])("%s is %s", (address, expected) => {
  expect(normalizedAddress(address)).toBe(expected);
});

test("an address is in its networks", () => {
  const networks = new Networks(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);
  expect(["10.200.1.1", "192.0.2.7", "fd12::1"].every((address) => networks.includes(address))).toBe(true);
  expect(["11.0.0.1", "192.0.2.8", "fe00::1", "nonsense", ""].some((address) => networks.includes(address))).toBe(
    false,
  );
});

test("this machine is added where it would be locked out", () => {
  expect(withLocalMachine([])).toEqual([]);
  expect(withLocalMachine(["10.0.0.0/8"])).toEqual(["10.0.0.0/8", "127.0.0.1/32"]);
  expect(withLocalMachine(["127.0.0.0/8"])).toEqual(["127.0.0.0/8"]);
});

test("normalizing twice changes nothing more", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const once = normalizedAddress(address);
      expect(normalizedAddress(once)).toBe(once);
    }),
  );
});

test.each([
  ["2001:db8::5", "2001:0db8:0000:0000:0000:0000:0000:0005"],
  ["::1", "0000:0000:0000:0000:0000:0000:0000:0001"],
  ["192.0.2.1", "192.0.2.1"],
])("%s in full", (address, expected) => {
  expect(exploded(address)).toBe(expected);
});
