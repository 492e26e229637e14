import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTestRpc, serverId, type TestRpc } from "../rpc/test-rpc.ts";

const [pc1, pc2, depot] = ["pc1.example.org", "pc2.example.org", "depot.example.org"];
let rpc: TestRpc;

/** Products p (property `language`) and q on the config server, p also on the depot. */
beforeEach(async () => {
  rpc = await openTestRpc({ clients: [pc1, pc2], depots: [depot] });
  await rpc.admin("createLocalBootProduct", "p", "P", "1", "1", false, "setup.opsiscript", "uninstall.opsiscript");
  await rpc.admin(
    ...(["createLocalBootProduct", "q", "Q", "2", "1", false, "setup.opsiscript", "", "", "", "", 5, "", ""] as const),
    ...[null, null, [serverId]],
  );
  await rpc.admin("createProductPropertyDefinition", "p", "language", "Language", "de", ["de", "en"]);
  await rpc.admin("createProductDependency", "p", "setup", "q", "", "", "installed", "before");
});
afterEach(() => rpc[Symbol.asyncDispose]());

const requests = async (clientId: string) =>
  Object.fromEntries(
    ((await rpc.admin("getProductActionRequests_listOfHashes", clientId)) as Record<string, string>[]).map(
      ({ productId, actionRequest }) => [productId, actionRequest],
    ),
  );

test("products are created on all depots, or on those that are named", async () => {
  expect(await rpc.admin("productOnDepot_getIdents")).toEqual(
    expect.arrayContaining([
      `p;LocalbootProduct;1;1;${serverId}`,
      `p;LocalbootProduct;1;1;${depot}`,
      `q;LocalbootProduct;2;1;${serverId}`,
    ]),
  );
  expect(await rpc.admin("areDepotsSynchronous")).toBe(false);
  await expect(
    rpc.admin("createNetBootProduct", "n", "N", "1", "1", false, "", "", "", "", "", 0, "", "", null, "", null, [
      "x.example.org",
    ]),
  ).rejects.toThrow("Depot 'x.example.org' not found");
  expect(await rpc.admin("getProductIds_list", "netboot")).toEqual([]);
});

test("one client's property does not show at another one", async () => {
  await rpc.admin("setProductProperty", "p", "language", "en", pc1);
  expect(await rpc.admin("productPropertyState_getValues", [], [], [pc1, pc2])).toEqual({
    [pc1]: { p: { language: ["en"] } },
    [pc2]: { p: { language: ["de"] } },
  });
});

test("properties without an object are those of the depots that have one", async () => {
  await rpc.admin("setProductProperty", "p", "language", "en");
  expect(await rpc.admin("getProductProperties_hash", "p", depot)).toEqual({ language: "en" });
  await expect(rpc.admin("setProductProperties", "p", { language: "de", missing: "x" })).rejects.toThrow("'missing'");
  expect(await rpc.admin("getProductProperties_hash", "p", depot)).toEqual({ language: "en" });
  await expect(rpc.admin("setProductProperty", "p", "language", ["de", "en"], pc1)).rejects.toThrow("not multivalue");
});

test("a bool property takes the value, not the list that it stands in", async () => {
  await rpc.admin("productProperty_createBool", "p", "1", "1", "flag", "", [true]);
  for (const [given, value] of [
    ["no", false],
    [[false], false],
    [["yes"], true],
  ] as const) {
    await rpc.admin("setProductProperty", "p", "flag", given, pc1);
    expect(await rpc.admin("productPropertyState_getValues", "p", "flag", pc1, false)).toEqual({
      [pc1]: { p: { flag: [value] } },
    });
  }
});

test("a request with dependencies brings what is needed", async () => {
  await rpc.admin("setProductActionRequestWithDependencies", "p", pc1, "setup");
  expect(await requests(pc1)).toEqual({ p: "setup", q: "setup" });
  await rpc.admin("setProductActionRequest", "p", pc2, "setup");
  expect(await requests(pc2)).toEqual({ p: "setup" });
});

test("a group without members touches nobody; the original takes it for all clients", async () => {
  await rpc.admin("createGroup", "room", [pc1]);
  await rpc.admin("createGroup", "empty");
  await rpc.admin("setProductActionRequestForHostGroup", "empty", "p", "setup");
  await rpc.admin("setProductActionRequestForHostGroup", "unknown", "p", "setup");
  expect([await requests(pc1), await requests(pc2)]).toEqual([{}, {}]);
  await rpc.admin("setProductActionRequestForHostGroup", "room", "p", "setup");
  expect([await requests(pc1), await requests(pc2)]).toEqual([{ p: "setup" }, {}]);
});

test("outdated is what has another version than the depot", async () => {
  await rpc.admin("setProductInstallationStatus", "p", pc1, "installed");
  await rpc.admin("setProductState", "p", pc2, "installed", null, "0.9", "1");
  expect(await rpc.admin("getClientsWithOutdatedProduct", "p")).toEqual([pc2]);
  expect(await rpc.admin("setActionRequestWhereOutdatedWithDependencies", "setup", "p")).toEqual([pc2]);
  expect([await requests(pc1), await requests(pc2)]).toEqual([{ p: "none" }, { p: "setup", q: "setup" }]);
  await expect(rpc.admin("setActionRequestWhereOutdated", "setup", "x")).rejects.toThrow("No product with id 'x'");
});

test.each<[method: string, ...params: unknown[]]>([
  ["setupWhereNotInstalled", "p"],
  ["setActionRequestWhereOutdated", "setup", "p"],
  ["setActionRequestWhereOutdatedWithDependencies", "setup", "p"],
  ["hostControl_processActionRequests", [], ["p"]],
])("%s reads dependencies and writes once for all clients", async (method, ...params) => {
  for (const client of [pc1, pc2]) {
    const outdated = ["not_installed", "setup", "0.9", "1"];
    if (method.includes("Outdated")) outdated[0] = "installed";
    await rpc.admin("setProductState", "p", client, ...outdated);
  }
  const reads = vi.spyOn(rpc.storage, "read");
  const transactions = vi.spyOn(rpc.storage, "transaction");
  await rpc.admin(method, ...params);
  const prefixes = reads.mock.calls.map(([{ prefix }]) => prefix);
  expect(prefixes.filter((prefix) => prefix === "productDependency").length).toBeLessThanOrEqual(1);
  expect(transactions).toHaveBeenCalledOnce();
  const withDependencies = /Dependencies|process/.test(method);
  for (const client of [pc1, pc2]) {
    expect(await requests(client)).toEqual(withDependencies ? { p: "setup", q: "setup" } : { p: "setup" });
  }
});

test("the order of the requests of many clients on several depots costs one read of each kind", async () => {
  await rpc.admin("configState_create", "clientconfig.depot.id", pc2, [depot]);
  for (const client of [pc1, pc2]) await rpc.admin("setProductActionRequest", "p", client, "setup");
  const strangers = Array.from({ length: 50 }, (_, index) => `stranger${index}.example.org`);
  const given = [pc1, pc2, ...strangers].map((clientId) => ({
    ...{ type: "ProductOnClient", productId: "p", productType: "LocalbootProduct", clientId },
    actionRequest: "setup",
  }));
  const reads = vi.spyOn(rpc.storage, "read");
  const ordered = (await rpc.admin("productOnClient_addDependencies", given)) as Record<string, string>[];
  expect(ordered.map(({ productId, clientId }) => [productId, clientId])).toEqual([
    ["q", pc1],
    ["p", pc1],
    ["p", pc2],
  ]);
  const read = reads.mock.calls.map(([{ prefix }]) => prefix);
  for (const prefix of ["product", "productDependency", "productOnDepot", "productOnClient"]) {
    expect(read.filter((one) => one === prefix)).toEqual([prefix]);
  }
});

test("locks, dependencies and definitions of products come and go", async () => {
  await rpc.admin("lockProduct", "p", [depot]);
  expect(await rpc.admin("getProductLocks_hash")).toEqual({ p: [depot] });
  await rpc.admin("unlockProduct", "p");
  expect(await rpc.admin("getProductLocks_hash", [])).toEqual({});
  await expect(rpc.admin("lockProduct", "q", [depot])).rejects.toThrow("'q' not found on given depots");
  await rpc.admin("deleteProductDependency", "p", "", "q");
  expect(await rpc.admin("getProductDependencies_listOfHashes", "p")).toEqual([]);
  await rpc.admin("deleteProductPropertyDefinition", "p", "language", [depot]);
  expect(await rpc.admin("getProductPropertyDefinitions_hash")).toEqual({});
});

test("a definition of one depot's version goes, that of another version stays", async () => {
  const transactions = vi.spyOn(rpc.storage, "transaction");
  await rpc.admin(
    ...(["createLocalBootProduct", "p", "P", "2", "1", false, "setup.opsiscript", "", "", "", "", 0, "", ""] as const),
    ...[null, null, [depot]],
  );
  await rpc.admin("createProductPropertyDefinition", "p", "language", "Language", "de", ["de", "en"], [depot]);
  expect(transactions).toHaveBeenCalledTimes(2);
  const removals = vi.spyOn(rpc.storage, "remove");
  await rpc.admin("deleteProductPropertyDefinitions", "p", [depot]);
  expect(await rpc.admin("productProperty_getIdents")).toEqual(["p;1;1;language"]);
  await rpc.admin("deleteProductDependency", "p");
  expect(await rpc.admin("productDependency_getIdents")).toEqual([]);
  expect(removals).toHaveBeenCalledTimes(2);
});

test.each<[method: string, ...params: unknown[]]>([
  ["createGroup", "room", [pc1, "x".repeat(300)]],
  ["setGeneralConfig", { kept: "changed", ["x".repeat(300)]: "value" }],
  ["group_rename", "old", "x".repeat(300)],
])("%s is done or not: nothing is half done", async (method, ...params) => {
  await rpc.admin("config_createUnicode", "kept", "", ["value"], ["value"]);
  await rpc.admin("config_createUnicode", "surplus", "", ["value"], ["value"]);
  await rpc.admin("createGroup", "old", [pc1]);
  const families = ["group", "objectToGroup", "config", "configState"];
  const all = () => Promise.all(families.map((family) => rpc.admin(`${family}_getObjects`)));
  const before = await all();
  await expect(rpc.admin(method, ...params)).rejects.toThrow();
  expect(await all()).toEqual(before);
});

test("a group gets another id with all that is in it, and nothing else does", async () => {
  await rpc.admin("createGroup", "old", [pc1]);
  await rpc.admin("createGroup", "below", [pc2], "", "old");
  await expect(rpc.admin("group_rename", "*", "new")).rejects.toThrow("Group '*' not found");
  await expect(rpc.admin("group_rename", "old", "below")).rejects.toThrow("'below' already exists");
  const transactions = vi.spyOn(rpc.storage, "transaction");
  await rpc.admin("group_rename", "old", "New");
  expect(transactions).toHaveBeenCalledOnce();
  expect(await rpc.admin("getHostGroupTree_hash")).toEqual({ new: { below: {} } });
  expect(await rpc.admin("objectToGroup_getIdents")).toEqual([`HostGroup;below;${pc2}`, `HostGroup;new;${pc1}`]);
});

test("one general config for all leaves the others as they are; the original rewrites them", async () => {
  await rpc.admin("config_createUnicode", "several", "Several", ["a", "b"], ["a", "b"], true, true);
  await rpc.admin("setGeneralConfigValue", "one", "yes");
  expect(await rpc.admin("getGeneralConfigValue", "one")).toBe("True");
  expect(await rpc.admin("config_getObjects", [], { id: "several" })).toMatchObject([
    { description: "Several", defaultValues: ["a", "b"], multiValue: true },
  ]);
});

test("what clients process", async () => {
  const results = (await rpc.admin("hostControl_processActionRequests", [pc1], ["p"])) as Record<string, unknown>;
  expect(results).toEqual({
    [pc1]: { result: null, error: `No product action requests set for client '${pc1}' and products ['p']` },
  });
  await rpc.admin("setProductActionRequest", "p", pc1, "setup");
  await rpc.admin("hostControl_processActionRequests", [pc1], ["p"], "hidden"); // cannot be reached
  expect(await requests(pc1)).toEqual({ p: "setup", q: "setup" });
  await expect(rpc.admin("hostControl_processActionRequests", [pc1], ["p"], "loud")).rejects.toThrow("visibility");
});

test.each(["hostControl_shutdown", "hostControl_reboot", "hostControlSafe_shutdown", "hostControlSafe_start"])(
  "%s needs to be told which hosts",
  async (method) => {
    for (const none of [null, [], ""]) {
      await expect(rpc.admin(method, none)).rejects.toMatchObject({ class: "BackendMissingDataError" });
    }
  },
);

test("changeWANConfig and its events", async () => {
  await rpc.admin("changeWANConfig", "yes", pc1);
  expect(await rpc.admin("configState_getValues", "opsiclientd.*", pc1, false)).toEqual({
    [pc1]: {
      "opsiclientd.event_gui_startup.active": [false],
      "opsiclientd.event_gui_startup{user_logged_in}.active": [false],
      "opsiclientd.event_net_connection.active": [true],
      "opsiclientd.event_timer.active": [true],
    },
  });
});
