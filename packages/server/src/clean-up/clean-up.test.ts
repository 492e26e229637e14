import { ConfigState, fromHash, ObjectToGroup, type OpsiObject, ProductOnClient } from "@opsi-ts/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as family from "../methods/families.ts";
import { openTestRpc, serverId, type TestRpc } from "../rpc/test-rpc.ts";
import { type CleanUpResult, cleanUp, cleanUpJobs } from "./clean-up.ts";

const [pc1, pc2, gone] = ["pc1.example.org", "pc2.example.org", "gone.example.org"];
let rpc: TestRpc;
beforeEach(async () => {
  rpc = await openTestRpc({ clients: [pc1, pc2], depots: ["depot.example.org"] });
  await rpc.admin("createLocalBootProduct", "p", "P", "2", "1", false, "setup.opsiscript", "");
  await rpc.admin("config_createUnicode", "color", "", ["red"], ["red"]);
  await rpc.admin("config_createUnicode", "clientconfig.depot.id", "", [serverId], [serverId]);
  await rpc.admin("configState_create", "color", pc1, ["red"]);
  await rpc.admin("configState_create", "clientconfig.depot.id", pc1, [gone]);
  await rpc.admin("productPropertyState_create", "p", "language", pc1, ["de"]);
  await rpc.admin("productOnClient_create", "p", "LocalbootProduct", pc1, "installed", "setup");
  await rpc.admin("group_createHostGroup", "room");
  await rpc.admin("objectToGroup_create", "HostGroup", "room", pc1);
  await rpc.admin("group_createObjects", [{ type: "ProductGroup", id: "office" }]);
  await rpc.admin("objectToGroup_create", "ProductGroup", "office", "p");
  const never = { type: "User", id: "never-logged-in", created: "2026-01-01 00:00:00" };
  await rpc.storage.write(family.users, [never], "insert");
});
afterEach(() => rpc[Symbol.asyncDispose]());

const everything = async () =>
  Object.fromEntries(
    await Promise.all(Object.entries(family).map(async ([name, one]) => [name, await rpc.storage.read(one)] as const)),
  );

const counts = (results: readonly CleanUpResult[]) =>
  Object.fromEntries(results.map(({ id, removed, repaired }) => [id, removed + repaired]));

test("a site in order stays as it is; users and assignments that the original deletes, too", async () => {
  await rpc.admin("productOnClient_updateObjects", [
    {
      ...{ type: "ProductOnClient", productId: "p", productType: "LocalbootProduct", clientId: pc1 },
      productVersion: "1",
      packageVersion: "1",
    },
  ]);
  const before = await everything();
  expect(before["users"]).toMatchObject([{ id: "never-logged-in", lastLogin: null }]);
  expect(before["configStates"]).toContainEqual(expect.objectContaining({ objectId: pc1, values: [gone] }));
  expect(await cleanUp(rpc.storage, { dryRun: false })).toEqual([]);
  expect(await everything()).toEqual(before);
});

/** What old servers, restored backups and loaded dumps leave behind; the database takes it without a word. */
async function makeDisorder(): Promise<void> {
  const write = (one: (typeof family)[keyof typeof family], object: OpsiObject) =>
    rpc.storage.write(one, [object], "insert");
  await write(family.configStates, fromHash(ConfigState, { configId: "no.config", objectId: pc1, values: ["x"] }));
  await write(family.configStates, fromHash(ConfigState, { configId: "color", objectId: gone, values: ["red"] }));
  await write(family.configStates, { type: "ConfigState", configId: "color", objectId: pc2, values: [null] });
  const states = [
    ["p", gone],
    ["no-product", pc1],
  ] as const;
  for (const [productId, objectId] of states) {
    await rpc.admin("productPropertyState_create", productId, "language", objectId, ["de"]);
  }
  await write(
    family.objectToGroups,
    fromHash(ObjectToGroup, { groupType: "HostGroup", groupId: "room", objectId: gone }),
  );
  await write(
    family.objectToGroups,
    fromHash(ObjectToGroup, { groupType: "ProductGroup", groupId: "office", objectId: "no-product" }),
  );
  const onClient = { productId: "no-product", productType: "LocalbootProduct", clientId: pc1 };
  await write(family.productsOnClients, fromHash(ProductOnClient, onClient));
  await write(family.groups, { type: "HostGroup", id: "annex", parentGroupId: "" });
}

const expected = {
  configState_without_config: 1,
  configState_without_host: 1,
  configState_without_value: 1,
  group_with_empty_parent: 1,
  objectToGroup_without_host: 1,
  objectToGroup_without_product: 1,
  productOnClient_without_product: 1,
  productOnClient_without_version: 1,
  productPropertyState_without_host: 1,
  productPropertyState_without_product: 1,
};

test("a dry run names everything and changes nothing", async () => {
  await makeDisorder();
  const before = await everything();
  const results = (await rpc.admin("service_cleanUp")) as CleanUpResult[];
  expect(counts(results)).toEqual(expected);
  expect(results.find(({ id }) => id === "objectToGroup_without_host")).toMatchObject({
    ...{ removed: 1, repaired: 0, examples: [`HostGroup;room;${gone}`] },
  });
  expect(await everything()).toEqual(before);
});

test("orphans go, the rest stays, and a second time there is nothing to do", async () => {
  const before = await everything();
  await makeDisorder();
  expect(counts((await rpc.admin("service_cleanUp", false)) as CleanUpResult[])).toEqual(expected);
  const after = await everything();
  // The version that pc1 has installed is now known: that of its depot, which is the config server.
  expect(after["productsOnClients"]).toMatchObject([{ clientId: pc1, productVersion: "2", packageVersion: "1" }]);
  expect(after["groups"]).toContainEqual(expect.objectContaining({ id: "annex", parentGroupId: null }));
  for (const name of ["configStates", "productPropertyStates", "objectToGroups", "users", "hosts"]) {
    expect(after[name]).toEqual(before[name]);
  }
  expect(await rpc.admin("service_cleanUp", false)).toEqual([]);
});

test("without any product nothing of products is left, and nothing else is touched", async () => {
  const state = fromHash(ConfigState, { configId: "color", objectId: pc2, values: ["red"] });
  await rpc.storage.write(family.configStates, [state], "insert");
  await rpc.storage.remove(family.products, [{ id: "p", productVersion: "2", packageVersion: "1" }]);
  await rpc.admin("productPropertyState_create", "x", "language", pc1, ["de"]);
  expect(counts(await cleanUp(rpc.storage, { dryRun: false }))).toEqual({ productPropertyState_without_product: 1 });
  expect(await rpc.storage.count(family.configStates)).toBe(3);
});

test("every kind of disorder has a name of its own", () => {
  expect(new Set(cleanUpJobs.map(({ id }) => id)).size).toBe(cleanUpJobs.length);
});

test("who is no administrator may not even look", async () => {
  await expect(rpc.client(pc1)("service_cleanUp")).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  await expect(rpc.user("service_cleanUp", false)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
});
