import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIpAddress, parseIpAddress, parseNetwork, unmapped } from "./ip-address.ts";

test.each([
  ["192.168.1.1", "192.168.1.1"],
  ["192.168.001.1", null],
  ["1.2.3", null],
  ["1.2.3.256", null],
  ["fe80::0001", "fe80::1"],
  ["FE80::1%eth0", "fe80::1%eth0"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
  ["::", "::"],
  ["1::", "1::"],
  ["::1.2.3.4", "::102:304"],
  ["::ffff:192.168.1.1", "::ffff:c0a8:101"],
  [":::", null],
  ["1::2::3", null],
  ["1:2:3:4:5:6:7:8:9", null],
  [":1:2:3:4:5:6:7", null],
  ["12345::", null],
  ["", null],
])("%s is read as %s", (text, printed) => {
  const address = parseIpAddress(text);
  expect(address === null ? null : formatIpAddress(address)).toBe(printed);
});

test("an IPv4 address mapped into IPv6 is the IPv4 address", () => {
  const address = parseIpAddress("::ffff:192.168.1.1");
  expect(address && formatIpAddress(unmapped(address))).toBe("192.168.1.1");
});

test.each([
  ["192.168.1.0/24", "192.168.1.0/24"],
  ["192.168.1.0/255.255.255.0", "192.168.1.0/24"],
  ["10.0.0.0/0.255.255.255", "10.0.0.0/8"],
  ["10.1.2.3", "10.1.2.3/32"],
  ["2001:DB8::/32", "2001:db8::/32"],
])("%s is the network %s", (text, network) => {
  expect(parseNetwork(text)).toEqual({ network });
});

test.each([
  ["192.168.1.1/24", "192.168.1.1/24 has host bits set"],
  ["192.168.1.0/33", "'192.168.1.0/33' does not appear to be an IPv4 or IPv6 network"],
  ["192.168.1.0/255.0.255.0", "'192.168.1.0/255.0.255.0' does not appear to be an IPv4 or IPv6 network"],
  ["a/b/c", "'a/b/c' does not appear to be an IPv4 or IPv6 network"],
])("%s is no network: %s", (text, problem) => {
  expect(parseNetwork(text)).toEqual({ problem });
});

test("what was printed is read as the same address", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 128n - 1n), (value) => {
      const address = { version: 6, value, scope: "" } as const;
      expect(parseIpAddress(formatIpAddress(address))).toEqual(address);
    }),
  );
});
