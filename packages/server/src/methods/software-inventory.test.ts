import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestRpc, type TestRpc } from "../rpc/test-rpc.ts";

const own = "pc1.example.org";
const foreign = "pc2.example.org";
let site: TestRpc;

const program = { name: "Editor", version: "1", subVersion: "", language: "", architecture: "x64" };
const installed = (clientId: string) => ({ type: "AuditSoftwareOnClient", ...program, clientId });

beforeEach(async () => {
  site = await openTestRpc({ clients: [own, foreign] });
  await site.client(own)("auditSoftware_createObjects", { type: "AuditSoftware", ...program });
  for (const id of [own, foreign]) await site.client(id)("auditSoftwareOnClient_createObjects", installed(id));
});
afterEach(() => site[Symbol.asyncDispose]());

const clientsWith = async () =>
  ((await site.admin("auditSoftwareOnClient_getObjects")) as { clientId: string }[]).map(({ clientId }) => clientId);

test("a client forgets its own software, an administrator that of all", async () => {
  await site.client(own)("auditSoftwareOnClient_setObsolete", own.toUpperCase());
  expect(await clientsWith()).toEqual([foreign]);
  await site.admin("auditSoftwareOnClient_setObsolete", [own, foreign]);
  expect(await clientsWith()).toEqual([]);
});

test.each(["*", "<z", "unknown", null, [["pc1.example.org"]]])("what is no client is none: %j", async (id) => {
  await site.admin("auditSoftwareOnClient_setObsolete", id);
  expect(await clientsWith()).toEqual([own, foreign]);
});

test.each([foreign, [own, foreign], "*", null])("a client asks in vain for %j", async (id) => {
  await site
    .client(own)("auditSoftwareOnClient_setObsolete", id)
    .catch(() => {});
  expect(await clientsWith()).toContain(foreign);
});

test("the spelling of a program is that of the last inventory, everywhere", async () => {
  await site.admin("auditSoftware_createObjects", { type: "AuditSoftware", ...program, name: "EDITOR" });
  expect(await site.admin("auditSoftwareOnClient_getObjects")).toMatchObject([{ name: "EDITOR" }, { name: "EDITOR" }]);
});

test("old programs replace the software of a client in one step", async () => {
  const info = {
    "{A}": { displayName: "Browser", displayVersion: "2", installSize: 5 },
    plain: { uninstallString: "u" },
    SCANPROPERTIES: { scantime: "x" },
  };
  await site.client(own)("setSoftwareInformation", own, info);
  expect(await site.admin("getSoftwareInformation_hash", own)).toMatchObject({
    "{a}": { displayName: "Browser", displayVersion: "2", installSize: 5, softwareId: "{a}" },
    plain: { displayName: "", uninstallString: "u" },
  });
  const bad = { x: { displayName: "x", installSize: "many" } };
  await expect(site.client(own)("setSoftwareInformation", own, bad)).rejects.toMatchObject({ class: "ValueError" });
  await expect(site.client(own)("setSoftwareInformation", foreign, info)).rejects.toMatchObject({
    class: "OpsiServicePermissionError",
  });
  expect(await site.admin("getSoftwareInformation_hash", own)).toHaveProperty("plain");
  expect(await clientsWith()).toContain(foreign);
});
