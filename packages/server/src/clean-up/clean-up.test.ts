import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Family, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { FileStorage } from "../backends/file/file-storage.ts";
import { type TestDatabase, type TestDatabases, testStorages } from "../backends/sql/test-storages.ts";
import type { Storage } from "../backends/storage.ts";
import * as family from "../methods/families.ts";
import { openTestRpc } from "../rpc/test-rpc.ts";
import { type CleanUpResult, cleanUp, cleanUpJobs } from "./clean-up.ts";

const [server, pc1, pc2, gone] = [
  "server.example.org",
  "pc1.example.org",
  "pc2.example.org",
  "gone.example.org",
] as const;

function object(type: string, hash: Record<string, unknown>): OpsiObject {
  const found = objectTypes.get(type);
  if (!found) throw new Error(type);
  return fromHash(found, hash);
}

const version = { productVersion: "2", packageVersion: "1" };
const p = { productId: "p", productType: "LocalbootProduct" };

/** A site in order, with what the original deletes: a user who never logged in, an assignment to a depot that is gone. */
const inOrder: readonly (readonly [Family, ...OpsiObject[]])[] = [
  [family.hosts, object("OpsiConfigserver", { id: server }), ...[pc1, pc2].map((id) => object("OpsiClient", { id }))],
  [family.products, object("LocalbootProduct", { id: "p", ...version })],
  [family.productsOnDepots, object("ProductOnDepot", { ...p, ...version, depotId: server })],
  [family.configs, ...["color", "clientconfig.depot.id"].map((id) => object("UnicodeConfig", { id }))],
  [
    family.configStates,
    object("ConfigState", { configId: "color", objectId: pc1, values: ["red"] }),
    object("ConfigState", { configId: "clientconfig.depot.id", objectId: pc1, values: [gone] }),
  ],
  [
    family.productPropertyStates,
    object("ProductPropertyState", { ...p, propertyId: "x", objectId: pc1, values: ["1"] }),
  ],
  [family.groups, object("HostGroup", { id: "room" }), object("ProductGroup", { id: "office" })],
  [
    family.objectToGroups,
    object("ObjectToGroup", { groupType: "HostGroup", groupId: "room", objectId: pc1 }),
    object("ObjectToGroup", { groupType: "ProductGroup", groupId: "office", objectId: "p" }),
  ],
  [
    family.productsOnClients,
    object("ProductOnClient", { ...p, ...version, clientId: pc1, installationStatus: "installed" }),
  ],
  [family.users, { type: "User", id: "never-logged-in", created: "2026-01-01 00:00:00" }],
];

/** What old servers, restored backups and loaded dumps leave behind; databases take it without a word. */
const disorder: readonly (readonly [Family, ...OpsiObject[]])[] = [
  [
    family.configStates,
    object("ConfigState", { configId: "no.config", objectId: pc1, values: ["x"] }),
    object("ConfigState", { configId: "color", objectId: gone, values: ["red"] }),
    { type: "ConfigState", configId: "color", objectId: pc2, values: [null] },
  ],
  [
    family.productPropertyStates,
    object("ProductPropertyState", { ...p, propertyId: "x", objectId: gone, values: ["1"] }),
    object("ProductPropertyState", { ...p, productId: "no-product", propertyId: "x", objectId: pc1, values: ["1"] }),
  ],
  [
    family.objectToGroups,
    object("ObjectToGroup", { groupType: "HostGroup", groupId: "room", objectId: gone }),
    object("ObjectToGroup", { groupType: "ProductGroup", groupId: "office", objectId: "no-product" }),
  ],
  [
    family.productsOnClients,
    object("ProductOnClient", { ...p, productId: "no-product", clientId: pc1 }),
    object("ProductOnClient", { ...p, clientId: pc2, installationStatus: "installed" }),
  ],
  [family.groups, { type: "HostGroup", id: "annex", parentGroupId: "" }],
];

const found = {
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

const counts = (results: readonly CleanUpResult[]) =>
  Object.fromEntries(results.map(({ id, removed, repaired }) => [id, removed + repaired]));

async function write(storage: Storage, objects: typeof inOrder): Promise<void> {
  for (const [one, ...list] of objects) await storage.write(one, list, "insert");
}

async function everything(storage: Storage): Promise<Record<string, readonly OpsiObject[]>> {
  const all: Record<string, readonly OpsiObject[]> = {};
  for (const [name, one] of Object.entries(family)) all[name] = await storage.read(one);
  return all;
}

describe.each(testStorages)("objects in %s", (_name, start) => {
  let databases: TestDatabases;
  let database: TestDatabase;
  let storage: Storage;
  beforeAll(async () => {
    databases = await start();
  });
  afterAll(() => databases[Symbol.asyncDispose]());
  beforeEach(async () => {
    database = await databases.create();
    storage = await database.open();
    await write(storage, inOrder);
  });
  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test("a site in order stays as it is; users and assignments that the original deletes, too", async () => {
    const before = await everything(storage);
    expect(before["users"]).toMatchObject([{ id: "never-logged-in", lastLogin: null }]);
    expect(before["configStates"]).toContainEqual(expect.objectContaining({ objectId: pc1, values: [gone] }));
    const transaction = vi.spyOn(storage, "transaction");
    expect(await cleanUp(storage, { dryRun: false })).toEqual([]);
    expect(transaction).not.toHaveBeenCalled(); // MySQL locks whole tables in one that reads them
    expect(await everything(storage)).toEqual(before);
  });

  test("a dry run names everything and changes nothing", async () => {
    await write(storage, disorder);
    const before = await everything(storage);
    const results = await cleanUp(storage, { dryRun: true });
    expect(counts(results)).toEqual(found);
    expect(results.find(({ id }) => id === "objectToGroup_without_host")).toMatchObject({
      ...{ removed: 1, repaired: 0, examples: [`HostGroup;room;${gone}`] },
    });
    expect(await everything(storage)).toEqual(before);
  });

  test("orphans go, the rest stays, and a second time there is nothing to do", async () => {
    const before = await everything(storage);
    await write(storage, disorder);
    expect(counts(await cleanUp(storage, { dryRun: false }))).toEqual(found);
    const after = await everything(storage);
    // The version that pc2 has installed is now known: that of its depot, which is the config server.
    expect(after["productsOnClients"]).toMatchObject([{ clientId: pc1 }, { clientId: pc2, ...version }]);
    expect(after["groups"]).toContainEqual(expect.objectContaining({ id: "annex", parentGroupId: null }));
    for (const name of ["configStates", "productPropertyStates", "objectToGroups", "users", "hosts"]) {
      expect(after[name]).toEqual(before[name]);
    }
    expect(await cleanUp(storage, { dryRun: false })).toEqual([]);
  });

  // A dump of an old server has names in capitals; one real orphan beside them, and all of their states were gone.
  test("what differs in case only belongs together", async () => {
    const state = { type: "ConfigState", configId: "Color", objectId: "PC2.example.org", values: ["green"] };
    const orphan = object("ConfigState", { configId: "color", objectId: gone, values: ["red"] });
    await write(storage, [[family.configStates, state, orphan]]);
    expect(counts(await cleanUp(storage, { dryRun: false }))).toEqual({ configState_without_host: 1 });
    expect(await storage.read(family.configStates)).toContainEqual(expect.objectContaining({ values: ["green"] }));
  });
});

// Files do not take states of hosts that are not there, but others they keep.
test("objects in files", async () => {
  const folder = await mkdtemp(join(tmpdir(), "clean-up-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await using storage = await FileStorage.open(join(folder, "config"), {
    ...{ configserverId: server, hostKeys: join(folder, "pckeys") },
  });
  await write(storage, inOrder);
  expect(await cleanUp(storage, { dryRun: false })).toEqual([]);
  const before = await everything(storage);
  await write(storage, [
    [family.configStates, object("ConfigState", { configId: "no.config", objectId: pc1, values: ["x"] })],
    [family.productsOnClients, object("ProductOnClient", { ...p, productId: "no-product", clientId: pc1 })],
  ]);
  expect(counts(await cleanUp(storage, { dryRun: false }))).toEqual({
    ...{ configState_without_config: 1, productOnClient_without_product: 1 },
  });
  expect(await everything(storage)).toEqual(before);
});

// An editor had left the file of a client to root: its memberships and licenses were gone at the next start.
test("what belongs to objects in a file that is not understood stays", async () => {
  const folder = await mkdtemp(join(tmpdir(), "clean-up-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const open = () =>
    FileStorage.open(join(folder, "config"), { configserverId: server, hostKeys: join(folder, "pckeys") });
  {
    await using storage = await open();
    await write(storage, inOrder);
  }
  const path = join(folder, "config/clients", `${pc1}.ini`);
  const content = await readFile(path, "utf8");
  for (const damaged of ["x".repeat(100_000_000), content.replace("[info]", "[info]\nhardwareaddress = none")]) {
    await writeFile(path, damaged);
    await using storage = await open();
    expect(await storage.count(family.hosts)).toBe(2);
    await expect(cleanUp(storage, { dryRun: false })).rejects.toThrow(`${path} is not understood`);
  }
  await writeFile(path, content);
  // What nothing refers to, and what does not count beside another file, is no reason to wait.
  await writeFile(join(folder, "config/audit/gone.example.org.sw"), "[software_0]\nname = editor\n");
  await writeFile(join(folder, "config/depots", `${pc1}.ini`), "[depotserver]\n");
  await using storage = await open();
  expect(await storage.read(family.objectToGroups, { filter: { objectId: pc1 } })).toHaveLength(1);
  expect(await cleanUp(storage, { dryRun: false })).toEqual([]);
});

test("without any product nothing of products is left, and nothing else is touched", async () => {
  await using rpc = await openTestRpc({ clients: [pc1] });
  const state = object("ProductPropertyState", { ...p, propertyId: "x", objectId: pc1, values: ["1"] });
  await rpc.storage.write(family.productPropertyStates, [state], "insert");
  expect(counts(await cleanUp(rpc.storage, { dryRun: false }))).toEqual({ productPropertyState_without_product: 1 });
  expect(await rpc.storage.count(family.hosts)).toBe(2);
});

test("every kind of disorder has a name of its own", () => {
  expect(new Set(cleanUpJobs.map(({ id }) => id)).size).toBe(cleanUpJobs.length);
});

test("a call only looks unless it says otherwise, and who is no administrator may not even look", async () => {
  await using rpc = await openTestRpc({ clients: [pc1] });
  await rpc.admin("configState_create", "no.config", pc1, ["x"]);
  const expected = [{ id: "configState_without_config", removed: 1 }];
  expect(await rpc.admin("service_cleanUp")).toMatchObject(expected);
  expect(await rpc.admin("service_cleanUp", false)).toMatchObject(expected);
  expect(await rpc.admin("service_cleanUp", false)).toEqual([]);
  await expect(rpc.client(pc1)("service_cleanUp")).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  await expect(rpc.user("service_cleanUp", false)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
});
