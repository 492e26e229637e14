import { expect, test } from "vitest";
import { isReading, timeoutOf } from "./method-traits.ts";
import { isAtLeast, readServerFeatures } from "./server-version.ts";
import { encodePath, parseServiceAddress } from "./service-address.ts";

test.each<[address: string, origin: string, path: string]>([
  ["opsi.example.org", "https://opsi.example.org:4447", "/rpc"],
  ["opsi.example.org:443", "https://opsi.example.org:443", "/rpc"],
  ["https://opsi.example.org", "https://opsi.example.org:4447", "/rpc"],
  ["https://opsi.example.org:443/", "https://opsi.example.org:443", "/rpc"],
  ["https://opsi.example.org:80/x", "https://opsi.example.org:80", "/x"],
  ["HTTPS://user:secret@opsi.example.org", "https://opsi.example.org:4447", "/rpc"],
  ["https://user:p%40ss@opsi.example.org:4448/rpc", "https://opsi.example.org:4448", "/rpc"],
  ["https://us@er:pass@opsi.example.org", "https://opsi.example.org:4447", "/rpc"],
  ["opsi.example.org/ignored", "https://opsi.example.org:4447", "/rpc"],
  ["::1", "https://[::1]:4447", "/rpc"],
  ["https://[fe80::1]:4448/rpc", "https://[fe80::1]:4448", "/rpc"],
  ["10.1.1.1", "https://10.1.1.1:4447", "/rpc"],
])("%s", (address, origin, path) => {
  expect(parseServiceAddress(address)).toMatchObject({ origin, rpcPath: path });
});

test.each(["http://opsi.example.org", "ftp://x", "", "https://", "https://user:secret@", "a b", "x:99999"])(
  "%j is refused",
  (address) => {
    expect(() => parseServiceAddress(address)).toThrow(/^Bad service address/);
    expect(() => parseServiceAddress(address)).not.toThrow(/secret/);
  },
);

test.each<[have: string, minimum: string, result: boolean]>([
  ["4.3.24.1", "4.3.18.15", true],
  ["4.3.18.15", "4.3.18.15", true],
  ["4.3.9", "4.3.18.15", false],
  ["4.10", "4.9.9.9", true],
  ["0", "4.2.0.0", false],
])("%s is at least %s: %s", (have, minimum, result) => {
  expect(isAtLeast(have, minimum)).toBe(result);
});

test("what a service can do is read from its name (service §6.3)", () => {
  expect(readServerFeatures("opsiconfd 4.3.24.1 (uvicorn)")).toEqual({
    version: "4.3.24.1",
    gzipRequests: true,
    messagePack: true,
    restLogout: true,
    messagebus: true,
    caPath: "/ssl/ca-certs.pem",
  });
  expect(readServerFeatures("nginx/1.2")).toMatchObject({ version: "0", messagePack: false });
});

test("paths are encoded as a person writes them", () => {
  expect(encodePath("depot/ä b/50%/x?y#z+&=.txt")).toBe("/depot/%C3%A4%20b/50%25/x%3Fy%23z%2B%26%3D.txt");
});

test("what is known of methods", () => {
  const reading = [
    "getDomain",
    "host_getObjects",
    "backend_getInterface",
    "backend_info",
    "configState_getValues",
    "log_read",
  ];
  expect(reading.filter((method) => !isReading(method))).toEqual([]);
  const writing = [
    "host_createObjects",
    "licenseOnClient_getOrCreateObject",
    "getAndAssignSoftwareLicenseKey",
    "setProductActionRequest",
    "user_setCredentials",
  ];
  expect(writing.some(isReading)).toBe(false);
  expect([timeoutOf("getDomain"), timeoutOf("depot_installPackage"), timeoutOf("constructor")]).toEqual([
    300_000, 14_400_000, 300_000,
  ]);
});
