import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestRpc, type TestRpc } from "../rpc/test-rpc.ts";

const clients = Array.from({ length: 12 }, (_, index) => `pc${index}.example.org`);
const [own = "", foreign = ""] = clients;
let site: TestRpc;

beforeEach(async () => {
  site = await openTestRpc({ clients });
  await site.admin("licenseContract_createObjects", { type: "LicenseContract", id: "c" });
  await site.admin("licensePool_createObjects", [
    { id: "office", productIds: ["office"] },
    { id: "second", productIds: [] },
  ]);
  await addLicense("vol", 3, "KEY");
});
afterEach(() => site[Symbol.asyncDispose]());

async function addLicense(id: string, maxInstallations: number, licenseKey: string, boundToHost?: string) {
  const license = { type: "VolumeSoftwareLicense", id, licenseContractId: "c", maxInstallations, boundToHost };
  await site.admin("softwareLicense_createObjects", license);
  await link(id, "office", licenseKey);
}
const link = (softwareLicenseId: string, licensePoolId: string, licenseKey: string) =>
  site.admin("softwareLicenseToLicensePool_createObjects", {
    type: "SoftwareLicenseToLicensePool",
    softwareLicenseId,
    licensePoolId,
    licenseKey,
  });
const failures = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.flatMap((result) => (result.status === "rejected" ? [result.reason.class] : []));

test("a license is never given to more clients than it is for, however many ask at once", async () => {
  const results = await Promise.allSettled(
    clients.map((id) => site.client(id)("licenseOnClient_getOrCreateObject", id, "office")),
  );
  expect(failures(results)).toEqual(Array(clients.length - 3).fill("LicenseMissingError"));
  expect(await site.admin("licenseOnClient_getObjects")).toHaveLength(3);
});

test("installations in other pools count, and a client that asks twice has one", async () => {
  await link("vol", "second", "");
  for (const pool of ["office", "second", "office", "second"]) {
    await site.client(own)("licenseOnClient_getOrCreateObject", own, pool);
  }
  await site.client(foreign)("licenseOnClient_getOrCreateObject", foreign, "office");
  await expect(site.client(foreign)("licenseOnClient_getOrCreateObject", foreign, "second")).rejects.toMatchObject({
    class: "LicenseMissingError",
  });
  expect(await site.admin("getLicenseStatistics_hash")).toMatchObject({
    office: { usageCount: 2, maxInstallations: 3, remainingInstallations: 0 },
    second: { usageCount: 1, maxInstallations: 3, remainingInstallations: 0 },
  });
});

test("a license that is bound to a host is for that host only", async () => {
  await addLicense("bound", 1, "BOUND", own);
  expect(await site.client(own)("licenseOnClient_getOrCreateObject", own, null, "office")).toMatchObject({
    softwareLicenseId: "bound",
    licenseKey: "BOUND",
  });
  expect(await site.client(foreign)("licenseOnClient_getOrCreateObject", foreign, null, "office")).toMatchObject({
    softwareLicenseId: "vol",
  });
});

test("licenses without a key get those of the others in turn", async () => {
  await addLicense("a", 0, "");
  for (const id of ["k1", "k2"]) await addLicense(id, 1, id, "pc11.example.org");
  await site.admin("softwareLicenseToLicensePool_delete", "vol", "office");
  const keys: unknown[] = [];
  for (const id of clients.slice(0, 4))
    keys.push(await site.client(id)("getAndAssignSoftwareLicenseKey", id, "office"));
  expect(keys.sort()).toEqual(["k1", "k1", "k2", "k2"]);
});

test.each([
  ["licenseOnClient_getOrCreateObject", foreign, "office"],
  ["getAndAssignSoftwareLicenseKey", foreign, "office"],
  ["getLicenseKey", "office", foreign],
  ["getOrCreateSoftwareLicenseUsage_hash", foreign, "office"],
  ["setSoftwareLicenseUsage", foreign, "office", "vol"],
  ["addProductIdsToLicensePool", "x", "office"],
  ["deleteLicensePool", "office", true],
  ["deleteSoftwareLicense", "vol", true],
  ["createLicensePool", "mine"],
])("a client can neither use licenses for others nor change what there is: %s", async (method, ...params) => {
  await expect(site.client(own)(method, ...params)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  expect(await site.admin("licenseOnClient_getObjects")).toEqual([]);
  expect(await site.admin("licensePool_getIdents", "str", { id: "office" })).toEqual(["office"]);
  expect(await site.admin("softwareLicense_getIdents")).toEqual(["vol;c"]);
});

test("a client does not see and cannot release the licenses of others", async () => {
  await site.admin("licenseOnClient_getOrCreateObject", foreign, "office");
  const client = site.client(own);
  expect(await client("licenseOnClient_getObjects")).toEqual([]);
  expect(await client("getSoftwareLicenseUsages_listOfHashes", foreign)).toEqual([]);
  await client("deleteSoftwareLicenseUsage", foreign, null, "office");
  await client("deleteAllSoftwareLicenseUsages", [foreign]);
  expect(await site.admin("licenseOnClient_getObjects")).toHaveLength(1);
  await site.client(foreign)("deleteSoftwareLicenseUsage", foreign, null, "office");
  expect(await site.admin("licenseOnClient_getObjects")).toEqual([]);
});

test("a pool goes with its licenses, or nothing goes", async () => {
  await site.admin("licenseOnClient_getOrCreateObject", own, "office");
  await expect(site.admin("deleteLicensePool", "office")).rejects.toMatchObject({
    class: "BackendReferentialIntegrityError",
  });
  await expect(site.admin("deleteSoftwareLicense", "vol", true)).rejects.toMatchObject({
    class: "BackendReferentialIntegrityError",
  });
  expect(await site.admin("softwareLicenseToLicensePool_getObjects")).toHaveLength(1);
  await site.admin("deleteLicensePool", "office", true);
  expect(await site.admin("getLicensePoolIds_list")).toEqual(["second"]);
  expect(await site.admin("getSoftwareLicenseIds_list")).toEqual([]);
  expect(await site.admin("licenseOnClient_getObjects")).toEqual([]);
});

test("ids are made up where none is given, each another one", async () => {
  const made = await Promise.all([1, 2, 3].map(() => site.admin("createLicenseContract")));
  expect(new Set(made).size).toBe(3);
  expect(made[0]).toMatch(/^c_\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d_\d$/);
  expect(await site.admin("createSoftwareLicense", "", "c", "OEM")).toMatch(/^l_/);
  expect(await site.admin("createLicensePool")).toMatch(/^p_/);
  await expect(site.admin("createSoftwareLicense", "x", "c", "free")).rejects.toThrow("Unknown license type 'free'");
});

test("pools have products and programs", async () => {
  const program = { name: "<Office>*", version: "1", subVersion: "", language: "", architecture: "x64" };
  await site.admin("auditSoftware_createObjects", [
    { type: "AuditSoftware", ...program, windowsSoftwareId: "{A}" },
    { type: "AuditSoftware", ...program, name: "Other", windowsSoftwareId: "{B*}" },
  ]);
  await site.admin("addProductIdsToLicensePool", ["b", "a", "office"], "office");
  await site.admin("removeProductIdsFromLicensePool", "b", "office");
  await site.admin("setWindowsSoftwareIdsToLicensePool", ["{A}", "{b*}", "{C}"], "office");
  expect(await site.admin("getLicensePool_hash", "office")).toEqual({
    description: "",
    productIds: ["a", "office"],
    licensePoolId: "office",
    windowsSoftwareIds: expect.arrayContaining(["{a}", "{b*}"]),
  });
  for (const id of ["{a}", "{B*}"]) expect(await site.admin("getLicensePoolId", "", id)).toBe("office");
  await expect(site.admin("getLicensePoolId", "", "*")).rejects.toMatchObject({ class: "LicenseConfigurationError" });
  await site.admin("setWindowsSoftwareIdsToLicensePool", [], "office");
  expect(await site.admin("getLicensePool_hash", "office")).toMatchObject({ windowsSoftwareIds: [] });
});

test("where nobody manages licenses, the key of the product's property is used", async () => {
  await site.admin("productPropertyState_create", "cad", "productkey", own, ["P-1"]);
  expect(await site.client(own)("getLicenseKey", "cad", own)).toBe("P-1");
  await expect(site.client(own)("getLicenseKey", "unknown", own)).rejects.toMatchObject({
    class: "LicenseConfigurationError",
  });
});
