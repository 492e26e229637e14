import { expect, test } from "vitest";
import { parseDispatch } from "../dispatch.ts";
import { dispatchedPlaces } from "./places.ts";

const read = (text: string) => dispatchedPlaces(parseDispatch(text, "dispatch.conf"), "dispatch.conf");
const placesOf = (text: string, ...prefixes: string[]) => prefixes.map((prefix) => read(text)?.get(prefix));

const shipped = `backend_.*         : file, mysql, opsipxeconfd
host_.*            : file, opsipxeconfd
productOnClient_.* : file, opsipxeconfd
configState_.*     : file, opsipxeconfd
license.*          : mysql
softwareLicense.*  : mysql
audit.*            : mysql
.*                 : file`;

test("inventory and licenses in MySQL, the rest in files, as 4.2 was shipped", () => {
  expect(placesOf(shipped, "host", "productOnClient", "config", "user")).toEqual(Array(4).fill(["file"]));
  const inMySql = ["auditSoftware", "auditHardwareOnHost", "licensePool", "licenseOnClient", "softwareLicense"];
  expect(placesOf(shipped, ...inMySql, "softwareLicenseToLicensePool")).toEqual(Array(6).fill(["mysql"]));
});

test("one for all, beside what is told of changes; none where objects are on another server", () => {
  const text = "backend_.* : mysql, opsipxeconfd, dhcpd\nhost_.* : MySQL, opsipxeconfd\n.* : mysql # all";
  expect(new Set([...(read(text)?.values() ?? [])].flat())).toEqual(new Set(["mysql"]));
  expect(read(".* : jsonrpc, opsipxeconfd")).toBeNull();
  expect(read("")).toBeNull();
});

test("of two in a line the first one is read, the other one gets what is written", () => {
  expect(placesOf("host_.* : file, opsipxeconfd, mysql\n.* : mysql", "host")).toEqual([["file", "mysql"]]);
  expect(placesOf(".*_get.* : file\n.* : mysql, file", "host", "user")).toEqual(Array(2).fill(["file", "mysql"]));
});

test("what no line speaks of goes with the hosts", () => {
  expect(placesOf("host_.* : mysql\nproduct.* : file", "user", "product")).toEqual([["mysql"], ["file"]]);
  expect(() => read("config_.* : mysql\nproduct.* : file")).toThrow("but no line says where hosts are");
});

test.each([
  [
    "host_get.* : file\n.* : mysql",
    "'host_getObjects' to 'file' in line 1 and 'host_insertObject' to 'mysql' in line 2",
  ],
  ["_getHashes : file\n.* : mysql", "'host_getObjects' to 'mysql' in line 2 and 'host_getHashes' to 'file' in line 1"],
  [
    "# as it was\nhost_delete.* : file\nhost_.* : file, mysql\n.* : file",
    "'host_insertObject' to 'file, mysql' in line 3 and 'host_deleteObjects' to 'file' in line 2",
  ],
  [
    "auditHardware_.* : file\n.* : mysql",
    "'auditHardware_getObjects' to 'file' in line 1 and 'auditHardwareOnHost_getObjects' to 'mysql' in line 2: one place for all of the hardware",
  ],
])("lines that do not fit together are both named: %j", (text, expected) => {
  expect(() => read(text)).toThrow(expected);
});
