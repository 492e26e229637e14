import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditPage } from "../audit/read-trail.ts";
import { openTestRpc, type TestRpc } from "../rpc/test-rpc.ts";

const clientId = "pc1.example.org";

let site: TestRpc;
beforeAll(async () => {
  site = await openTestRpc({ clients: [clientId], depots: ["depot1.example.org"] });
});
afterAll(() => site[Symbol.asyncDispose]());

const records = async (filter: Record<string, string>) =>
  ((await site.admin("audit_getRecords", filter)) as AuditPage).records;

const permissionError = { class: "OpsiServicePermissionError" };

test.each(["audit_getRecords", "audit_verify"])("%s is for administrators only", async (method) => {
  for (const caller of [site.user, site.client(clientId)])
    await expect(caller(method)).rejects.toMatchObject(permissionError);
  expect(await site.admin(method)).toBeTruthy();
});

test("what a call changes is recorded under the name of its caller and method", async () => {
  await site.admin("host_createOpsiClient", "pc2.example.org");
  const state = { type: "ProductOnClient", productId: "p", productType: "LocalbootProduct", clientId };
  await site.client(clientId)("productOnClient_updateObjects", [{ ...state, actionProgress: "half" }]);
  expect(await records({ user: "admin", ident: "pc2.*" })).toMatchObject([
    { user: "admin", host: null, address: "127.0.0.1", method: "host_createOpsiClient", type: "Host" },
  ]);
  expect(await records({ host: clientId })).toMatchObject([
    { user: null, host: clientId, method: "productOnClient_updateObjects", type: "ProductOnClient" },
  ]);
});

test("a refused call leaves no record", async () => {
  const before = await records({});
  await expect(site.user("host_delete", clientId)).rejects.toMatchObject(permissionError);
  const orphan = { productId: "p", productType: "LocalbootProduct", clientId: "nobody.example.org" };
  await expect(
    site.admin("productOnClient_createObjects", [{ ...orphan, type: "ProductOnClient", actionRequest: "setup" }]),
  ).rejects.toThrow();
  expect(await records({})).toEqual(before);
});

test("calls at the same time are recorded under their own callers", async () => {
  await Promise.all([
    site.admin("group_createHostGroup", "by-admin"),
    site.depot("depot1.example.org")("group_createHostGroup", "by-depot"),
  ]);
  expect(await records({ ident: "by-admin", objectType: "Group" })).toMatchObject([{ user: "admin", host: null }]);
  expect(await records({ ident: "by-depot" })).toMatchObject([{ user: null, host: "depot1.example.org" }]);
});

test.each<[params: unknown[], message: string]>([
  [[{ name: "x" }], "The audit trail has no 'name': filter by from, to, user"],
  [["x"], "Not a filter: 'x'"],
  [[{ from: "soon" }], "Bad time: 'soon'"],
  [[null, null, 0], "'count' is 0, expected 1 to 1000"],
  [[null, null, 1001], "'count' is 1001"],
  [[null, -1], "'after' is -1"],
])("audit_getRecords(%j) is refused", async (params, message) => {
  await expect(site.admin("audit_getRecords", ...params)).rejects.toThrow(message);
});

test("all of the trail is verified, or a piece of it", async () => {
  const whole = await site.admin("audit_verify");
  expect(whole).toMatchObject({ first: 1, problems: [], next: null });
  expect(await site.admin("audit_verify", 1, 1_000_000)).toMatchObject({ problems: [], next: null });
});
