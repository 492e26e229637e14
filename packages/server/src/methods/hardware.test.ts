import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestRpc, type TestRpc } from "../rpc/test-rpc.ts";

const own = "pc1.example.org";
const foreign = "pc2.example.org";

async function openSite(): Promise<TestRpc> {
  const site = await openTestRpc({ clients: [own, foreign] });
  await site.admin("auditHardwareOnHost_createObjects", [
    bios(own, { serialNumber: "A" }),
    bios(foreign, { serialNumber: "B" }),
  ]);
  return site;
}

const bios = (hostId: string, more: Record<string, unknown> = {}) => ({
  type: "AuditHardwareOnHost",
  hardwareClass: "BIOS",
  hostId,
  name: "B",
  ...more,
});
const serialNumbers = (found: unknown) =>
  (found as { serialNumber: string }[]).map(({ serialNumber }) => serialNumber).sort();

describe("what leaves the inventory as it is", () => {
  let site: TestRpc;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test.each([
    ["everything", [], ["A"]],
    ["a class", [[], { hardwareClass: "BIOS" }], ["A"]],
    ["another host", [[], { hostId: foreign }], []],
    ["all hosts", [[], { hostId: "*" }], ["A"]],
    ["a model", [[], { name: "B" }], ["A"]],
  ])("a client that asks for %s sees its own hardware only", async (_, params, expected) => {
    expect(serialNumbers(await site.client(own)("auditHardwareOnHost_getObjects", ...params))).toEqual(expected);
    expect(serialNumbers(await site.client(own)("auditHardwareOnHost_getHashes", ...params))).toEqual(expected);
    const [, filter = {}] = params;
    const idents = await site.client(own)("auditHardwareOnHost_getIdents", "dict", filter);
    expect(idents).toHaveLength(expected.length);
  });

  test.each([
    ["auditHardwareOnHost_createObjects", [bios(own, { version: "1" }), bios(foreign, { version: "1" })]],
    ["auditHardwareOnHost_updateObjects", bios(foreign, { version: "1" })],
    ["auditHardwareOnHost_insertObject", bios(foreign)],
    ["auditHardwareOnHost_updateObject", bios(foreign, { serialNumber: "B" })],
    ["auditHardwareOnHost_deleteObjects", [bios(own, { serialNumber: "A" }), bios(foreign, { serialNumber: "B" })]],
    ["auditHardwareOnHost_delete", foreign, "BIOS"],
    ["auditHardwareOnHost_delete", "*", "*"],
    ["auditHardwareOnHost_delete", [], []],
    ["auditHardwareOnHost_delete", null, null],
    ["auditHardwareOnHost_setObsolete", foreign],
    ["auditHardwareOnHost_setObsolete", [own, foreign]],
    ["auditHardwareOnHost_create", foreign, "BIOS"],
    ["setHardwareInformation", foreign, {}],
    ["deleteHardwareInformation", foreign],
    ["auditSoftwareOnClient_setObsolete", foreign],
  ] as [string, ...unknown[]][])("a client cannot touch the hardware of another one: %s", async (method, ...params) => {
    await expect(site.client(own)(method, ...params)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
    expect(serialNumbers(await site.admin("auditHardwareOnHost_getObjects"))).toEqual(["A", "B"]);
  });

  test("users without rights see and change nothing", async () => {
    for (const method of ["auditHardware_getObjects", "auditHardwareOnHost_getObjects", "getHardwareAuditDataCount"]) {
      await expect(site.user(method)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
    }
    await expect(site.user("auditSoftwareOnClient_setObsolete", own)).rejects.toMatchObject({
      class: "OpsiServicePermissionError",
    });
  });

  test.each([
    ["no class", { hardwareClass: "X*" }, 0],
    ["wildcard in the class", { hardwareClass: "B*S" }, 2],
    ["the case of the class counts", { hardwareClass: "bios" }, 0],
    ["an unknown attribute beside a known one", { name: "B", unknown: 1 }, 2],
    ["unknown attributes only", { unknown: 1 }, 0],
    ["empty means nothing is there", { vendor: "" }, 2],
    ["null means nothing is there", { serialNumber: null }, 0],
    ["an empty list means anything", { serialNumber: [] }, 2],
    ["one of several", { serialNumber: ["A", "C"] }, 1],
    ["case does not count in values", { serialNumber: "a" }, 1],
    ["quotes are values", { serialNumber: "' OR 1 = 1 --" }, 0],
  ])("filters: %s", async (_, filter, count) => {
    expect(await site.admin("auditHardwareOnHost_getObjects", [], filter)).toHaveLength(count);
  });
});

test("a client stores what it found again and again", async () => {
  await using site = await openSite();
  const client = site.client(own);
  for (let round = 0; round < 3; round += 1) {
    await client("auditHardwareOnHost_setObsolete", own);
    await client("auditHardwareOnHost_createObjects", [bios(own, { version: "1" }), bios(own, { version: "2" })]);
  }
  expect(await client("auditHardwareOnHost_getObjects")).toHaveLength(2);
  expect(await site.admin("auditHardware_getObjects")).toHaveLength(1);
});

test("attributes of create are kept", async () => {
  await using site = await openSite();
  await site.admin("auditHardwareOnHost_create", own, "KEYBOARD", null, null, null, { name: "K" });
  const found = await site.admin("auditHardwareOnHost_getObjects", [], { hardwareClass: "KEYBOARD" });
  expect(found).toMatchObject([{ name: "K", hostId: own, state: 1 }]);
});

test("a class that nobody configured is refused, and nothing of the call is stored", async () => {
  await using site = await openSite();
  const objects = [bios(own, { version: "9" }), { ...bios(own), hardwareClass: "TOASTER" }];
  await expect(site.admin("auditHardwareOnHost_createObjects", objects)).rejects.toThrow(
    "Hardware class 'TOASTER' is not configured",
  );
  expect(await site.admin("auditHardwareOnHost_getObjects", [], { version: "9" })).toEqual([]);
});

test("with a client goes its hardware, with another name it stays", async () => {
  await using site = await openSite();
  await site.admin("host_renameOpsiClient", own, "new.example.org");
  const found = await site.admin("auditHardwareOnHost_getObjects", [], { serialNumber: "A" });
  expect(found).toMatchObject([{ hostId: "new.example.org" }]);
  await site.admin("host_delete", "new.example.org");
  expect(serialNumbers(await site.admin("auditHardwareOnHost_getObjects"))).toEqual(["B"]);
});

test("old programs replace the hardware of a host in one step", async () => {
  await using site = await openSite();
  const info = {
    BIOS: [{ name: "New", version: "3" }],
    KEYBOARD: [{ name: "K" }],
    SCANPROPERTIES: [{ scantime: "x" }],
  };
  await site.client(own)("setHardwareInformation", own, info);
  expect(await site.admin("getHardwareInformation_hash", own)).toMatchObject({
    BIOS: [{ name: "New", version: "3" }],
    KEYBOARD: [{ name: "K" }],
    SCANPROPERTIES: [{ scantime: expect.stringMatching(/^\d{4}-/) }],
  });
  await expect(site.admin("setHardwareInformation", own, { TOASTER: [{}] })).rejects.toThrow("TOASTER");
  expect(await site.admin("getHardwareInformation_hash", own)).toHaveProperty("KEYBOARD");
});
