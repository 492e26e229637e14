import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { allMethods } from "../methods/all.ts";
import { type Caller, openTestRpc, serverId, type TestRpc } from "../rpc/test-rpc.ts";
import { changesServer, readsOnly } from "./method-kinds.ts";

const [mine, theirs, below] = ["pc1.example.org", "pc2.example.org", "pc3.example.org"];
const [depot1, depot2] = ["depot1.example.org", "depot2.example.org"];
const refused = { class: "OpsiServicePermissionError" };

type Privileges = Readonly<Record<string, boolean | string[]>>;

let site: TestRpc;
/** An administrator with limits. */
let user: Caller;
/** One without. */
let root: Caller;

async function open(privileges: Privileges | null): Promise<void> {
  site = await openTestRpc({ clients: [mine, theirs, below], depots: [depot1, depot2] });
  user = site.admin;
  root = site.depot(depot1);
  const product = (id: string) => ({
    type: "LocalbootProduct",
    id,
    productVersion: "1",
    packageVersion: "1",
    name: id,
  });
  await root("product_createObjects", [product("firefox"), product("secret")]);
  const pairs = (places: readonly string[]) =>
    ["firefox", "secret"].flatMap((productId) => places.map((place) => [productId, place] as const));
  const common = { productType: "LocalbootProduct", productVersion: "1", packageVersion: "1" };
  await root(
    "productOnDepot_createObjects",
    pairs([depot1, depot2]).map(([productId, depotId]) => ({ type: "ProductOnDepot", productId, depotId, ...common })),
  );
  await root(
    "productOnClient_createObjects",
    pairs([mine, theirs]).map(([productId, clientId]) => ({
      ...productState(clientId, productId),
      actionRequest: "none",
    })),
  );
  await root("config_createObjects", [
    { type: "UnicodeConfig", id: "clientconfig.depot.id", defaultValues: [serverId], possibleValues: [serverId] },
    { type: "UnicodeConfig", id: "colour", defaultValues: ["red"], possibleValues: ["red", "blue"] },
  ]);
  const served = { [mine]: depot1, [theirs]: depot2, [below]: depot2 };
  await root(
    "configState_createObjects",
    Object.entries(served).map(([objectId, depotId]) => ({
      type: "ConfigState",
      configId: "clientconfig.depot.id",
      objectId,
      values: [depotId],
    })),
  );
  await root("group_createObjects", [
    { type: "HostGroup", id: "office" },
    { type: "HostGroup", id: "cellar", parentGroupId: "office" },
    { type: "HostGroup", id: "others" },
    { type: "ProductGroup", id: "free" },
  ]);
  const member = (groupType: string, groupId: string, objectId: string) => ({
    type: "ObjectToGroup",
    groupType,
    groupId,
    objectId,
  });
  await root("objectToGroup_createObjects", [
    member("HostGroup", "office", mine),
    member("HostGroup", "cellar", below),
    member("HostGroup", "others", theirs),
    member("ProductGroup", "free", "firefox"),
  ]);
  if (privileges !== null) await allow(privileges);
}

const close = () => site[Symbol.asyncDispose]();

/** A site for each test. */
function fresh(privileges: Privileges | null = null): void {
  beforeEach(() => open(privileges));
  afterEach(close);
}

/** One for all tests of a block, which leave everything as it is. */
function shared(privileges: Privileges): void {
  beforeAll(() => open(privileges));
  afterAll(close);
}

/** Says what the administrator may do; the site keeps users apart from then on. */
async function allow(privileges: Privileges): Promise<void> {
  const given = Object.entries(privileges).map(([suffix, value]) => config(`user.{admin}.${suffix}`, value));
  await root("config_createObjects", [config("user.{}.register", true), ...given]);
}

const config = (id: string, value: boolean | string[]) =>
  typeof value === "boolean"
    ? { type: "BoolConfig", id, defaultValues: [value] }
    : { type: "UnicodeConfig", id, defaultValues: value, possibleValues: value, multiValue: true };

const idsOf = async (call: Caller, method: string, attribute: string, filter = {}) => {
  const found = (await call(method, [], filter)) as Record<string, unknown>[];
  return [...new Set(found.map((object) => String(object[attribute])))].sort();
};
const client = (id: string) => ({ type: "OpsiClient", id });
const productState = (clientId: string, productId = "firefox") => ({
  type: "ProductOnClient",
  productId,
  productType: "LocalbootProduct",
  clientId,
  actionRequest: "setup",
});

describe("keeping users apart", () => {
  fresh();

  test("privileges say nothing while the site does not keep users apart", async () => {
    await allow({ "privilege.host.all.registered_readonly": true, "privilege.host.createclient": false });
    await root("config_updateObjects", config("user.{}.register", false));
    await user("host_createObjects", client("new.example.org"));
  });

  test("without configs of his own a user has the defaults", async () => {
    await allow({});
    await user("host_createObjects", client("new.example.org"));
    await user("config_updateObjects", { type: "UnicodeConfig", id: "colour", defaultValues: ["blue"] });
    await user("SSHCommand_getObjects");
    await expect(user("SSHCommand_createObject", "x", ["true"])).rejects.toMatchObject(refused);
  });

  test("what is changed counts at the next call; hosts have no such limits", async () => {
    await allow({ "privilege.host.createclient": false });
    await expect(user("host_createObjects", client("new.example.org"))).rejects.toMatchObject(refused);
    await root("host_createObjects", client("new.example.org"));
    await allow({ "privilege.host.createclient": true });
    await user("host_createObjects", client("new2.example.org"));
  });
});

describe("registered_readonly", () => {
  shared({ "privilege.host.all.registered_readonly": true });

  test("reads", async () => {
    expect(await idsOf(user, "host_getObjects", "id", { type: "OpsiClient" })).toEqual([mine, theirs, below]);
    expect(await user("accessControl_userIsReadOnlyUser")).toBe(true);
    expect(await user("getClientIds_list")).toHaveLength(3);
    await user("backend_getInterface");
    await user("log_read", "instlog", mine);
  });

  // With the key of a depot he could have logged in as the depot, and written whatever he wanted.
  test("sees nothing with which somebody else logs in", async () => {
    await root("user_createObjects", [{ type: "User", id: "anna", otpSecret: "SECRET" }]);
    await root("user_setCredentials", "pcpatch", "of the shares");
    await root("host_updateObjects", [{ type: "OpsiClient", id: mine, oneTimePassword: "once" }]);
    const found = await user("host_getObjects");
    expect(found).toHaveLength(6);
    for (const host of found as Record<string, unknown>[]) expect(host["opsiHostKey"] ?? null).toBeNull();
    const shown = JSON.stringify([
      found,
      await user("host_getHashes"),
      await user("getDepot_hash", depot1),
      await user("user_getObjects"),
      await user("getOpsiHostKey", depot1),
    ]);
    expect(shown).not.toMatch(/[0-9a-f]{32}|SECRET|once/);
    for (const [method, ...params] of [
      ["user_getCredentials"],
      ["user_getCredentials", "pcpatch", mine],
      ["getPcpatchPassword", mine],
      ["host_getIdents", "str", { opsiHostKey: "0*" }],
      ["user_getIdents", "str", { otpSecret: "S*" }],
    ] as const) {
      await expect(user(method, ...params), method).rejects.toMatchObject(refused);
    }
  });

  test.each<[string, unknown[]]>([
    ["host_updateObjects", [{ type: "OpsiClient", id: mine, description: "x" }]],
    ["host_createObjects", [client("new.example.org")]],
    ["host_delete", [mine]],
    ["configState_createObjects", [{ type: "ConfigState", configId: "colour", objectId: mine, values: ["red"] }]],
    ["setProductActionRequest", ["firefox", mine, "setup"]],
    ["setGeneralConfigValue", ["colour", "blue"]],
    ["hostControl_reboot", [[mine]]],
    ["hostControlSafe_start", [[mine]]],
    ["hostControl_execute", ["true", [mine]]],
    ["log_write", ["instlog", "x", mine]],
    ["host_renameOpsiClient", [mine, "new.example.org"]],
    ["licenseOnClient_getOrCreateObject", [mine]],
    ["host_getTLSCertificate", [mine]],
    ["user_setCredentials", ["pcpatch", "x"]],
    ["user_updateMultiFactorAuth", ["admin"]],
    ["depot_installPackage", ["/var/lib/opsi/repository/x.opsi"]],
    ["service_updateConfig", [{}]],
    ["service_setAppState", [{ type: "maintenance" }]],
    ["SSHCommand_deleteObject", ["x"]],
    ["setRights", []],
    ["auditHardware_createObjects", [[]]],
    ["auditHardwareOnHost_setObsolete", [mine]],
  ])("refuses %s", async (method, params) => {
    await expect(user(method, ...params)).rejects.toMatchObject(refused);
  });
});

test("what counts as reading", () => {
  const names = [...allMethods().keys()];
  const changing =
    /^(?:\w+_)?(?:create|insert|update|delete|set|rename|install|uninstall|write|execute|un|lock|add(?!Dep))/;
  const idle = ["backend_createBase", "backend_setOptions", "createOpsiBase"]; // they do nothing
  expect(names.filter((name) => readsOnly(name) && changing.test(name)).sort()).toEqual(idle);
  const read = names.filter((name) => /_(?:getObjects|getIdents|getHashes)$|^get[A-Z]/.test(name));
  const assigning = ["getAndAssignSoftwareLicenseKey", "getOrCreateSoftwareLicenseUsage_hash"];
  expect(read.filter((name) => !readsOnly(name)).sort()).toEqual(assigning);
  expect(names.filter((name) => readsOnly(name) && changesServer(name))).toEqual([]);
});

describe("createclient: false", () => {
  shared({ "privilege.host.createclient": false });

  test.each<[string, unknown[]]>([
    ["host_createObjects", [client("new.example.org")]],
    ["host_insertObject", [client("new.example.org")]],
    ["host_updateObjects", [[{ ...client(mine), description: "x" }, client("new.example.org")]]],
    ["host_createOpsiClient", ["new.example.org"]],
    ["createClient", ["new", "example.org"]],
  ])("%s creates none", async (method, params) => {
    await expect(user(method, ...params)).rejects.toMatchObject(refused);
    expect(await idsOf(root, "host_getObjects", "id", { type: "OpsiClient" })).toEqual([mine, theirs, below]);
  });

  test("clients that are there can be changed", async () => {
    await user("host_updateObjects", { ...client(mine), description: "x" });
    await user("host_createObjects", { ...client(mine), description: "y" });
  });
});

describe("opsiserver.write: false", () => {
  shared({ "privilege.host.opsiserver.write": false });

  test.each<[string, unknown[]]>([
    ["config_updateObjects", [{ type: "UnicodeConfig", id: "colour", defaultValues: ["blue"] }]],
    ["config_createBool", ["new", "", [true]]],
    ["config_delete", ["colour"]],
    ["setGeneralConfigValue", ["colour", "blue"]],
    ["config_updateObjects", [config("user.{admin}.privilege.host.opsiserver.write", true)]],
    ["config_updateObjects", [config("user.{}.register", false)]],
    ["configState_createObjects", [{ type: "ConfigState", configId: "colour", objectId: depot2, values: ["red"] }]],
    ["host_updateObjects", [{ type: "OpsiDepotserver", id: depot2, description: "x" }]],
    ["host_createOpsiDepotserver", ["new.example.org"]],
    ["host_delete", [depot2]],
    ["host_renameOpsiDepotserver", [depot2, "depot3.example.org"]],
    ["config_updateMessageOfTheDay", ["hello", 0]],
    ["user_updateObjects", [{ type: "User", id: "admin", mfaState: "inactive" }]],
    ["user_createObjects", [{ type: "User", id: "other" }]],
    ["user_updateMultiFactorAuth", ["admin", "inactive"]],
    ["user_setCredentials", ["pcpatch", "x"]],
    ["service_updateConfig", [{}]],
    ["service_setAppState", [{ type: "maintenance" }]],
    ["service_createBackup", []],
  ])("refuses %s %j", async (method, params) => {
    await expect(user(method, ...params)).rejects.toMatchObject(refused);
  });

  test("clients are his to administer", async () => {
    await user("host_updateObjects", { ...client(mine), description: "x" });
    await user("configState_createObjects", {
      type: "ConfigState",
      configId: "colour",
      objectId: mine,
      values: ["red"],
    });
    await user("host_createObjects", client("new.example.org"));
  });
});

/** What every way of limiting hosts must do; `mine` is the user's, `theirs` is not. */
function limitsHosts(): void {
  test("reads show his own, whatever the filter says", async () => {
    expect(await idsOf(user, "host_getObjects", "id", { id: "*2.example.org" })).not.toContain(theirs);
    expect(await idsOf(user, "host_getObjects", "id", { id: theirs })).toEqual([]);
    expect(await idsOf(user, "host_getObjects", "id", { id: [mine, theirs] })).toEqual([mine]);
    expect(await idsOf(user, "host_getObjects", "id", { type: "OpsiClient" })).not.toContain(theirs);
    expect(await user("host_getIdents", "str", { id: ">pc1" })).not.toContain(theirs);
    expect(await idsOf(user, "productOnClient_getObjects", "clientId")).toEqual([mine]);
    expect(await idsOf(user, "configState_getObjects", "objectId")).not.toContain(theirs);
    expect(await idsOf(user, "objectToGroup_getObjects", "objectId")).not.toContain(theirs);
    expect(await user("getClientIds_list")).not.toContain(theirs);
    expect(JSON.stringify(await user("configState_getClientToDepotserver"))).not.toContain(theirs);
    const values = await user("configState_getValues", [], []);
    expect(JSON.stringify(values)).not.toContain(theirs);
  });

  test.each<[string, (id: string) => unknown[]]>([
    ["host_updateObjects", (id) => [{ ...client(id), description: "x" }]],
    ["host_delete", (id) => [id]],
    ["productOnClient_createObjects", (id) => [productState(id)]],
    ["configState_createObjects", (id) => [{ type: "ConfigState", configId: "colour", objectId: id, values: ["red"] }]],
    ["setProductActionRequest", (id) => ["firefox", id, "setup"]],
    [
      "objectToGroup_createObjects",
      (id) => [{ type: "ObjectToGroup", groupType: "HostGroup", groupId: "office", objectId: id }],
    ],
    ["log_write", (id) => ["instlog", "x", id]],
    ["log_read", (id) => ["instlog", id]],
    ["host_renameOpsiClient", (id) => [id, "new.example.org"]],
    ["host_getTLSCertificate", (id) => [id]],
    ["configState_getValues", (id) => [[], [id]]],
    ["getOpsiHostKey", (id) => [id]],
    ["productPropertyState_getValues", (id) => [[], [], [id]]],
    ["opsipxeconfd_updatePXEBootConfiguration", (id) => [id]],
    ["depot_acquireTransferSlot", (id) => [depot1, id]],
    ["auditHardwareOnHost_setObsolete", (id) => [id]],
    ["productOnClient_getActionGroups", (id) => [[productState(id)]]],
  ])("%s reaches his own only", async (method, params) => {
    // for his own it may fail, but not for want of rights
    const own = await user(method, ...params(mine)).then(
      () => "done",
      (error: { class?: string }) => error.class,
    );
    expect(own).not.toBe(refused.class);
    const foreign = await user(method, ...params(theirs)).then(
      (result) => JSON.stringify(result),
      (error: { class?: string }) => error.class,
    );
    expect([refused.class, "{}", "null", "[]"]).toContain(foreign);
    const [host] = (await root("host_getObjects", [], { id: theirs })) as { description: string }[];
    expect(host?.description).not.toBe("x");
    expect(await root("productOnClient_getObjects", [], { clientId: theirs, actionRequest: "setup" })).toEqual([]);
  });

  test.each(["PC2.example.org", " pc2.example.org", "pc2.example.org.", "Pc2.EXAMPLE.org."])(
    "%j is a foreign host, too",
    async (id) => {
      const outcomes = [
        await user("host_renameOpsiClient", id, "new.example.org").catch((error: { class?: string }) => error.class),
        await user("hostControl_reachable", [[id]], 1).catch((error: { class?: string }) => error.class),
        await user("log_read", "instlog", id).catch((error: { class?: string }) => error.class),
      ];
      expect(outcomes).toEqual([refused.class, refused.class, refused.class]);
      expect(await idsOf(root, "host_getObjects", "id", { id: theirs })).toEqual([theirs]);
    },
  );

  test("nobody is told what to do by a pattern, or by naming none", async () => {
    const ids = (result: unknown) => Object.keys(result as object);
    expect(ids(await user("hostControl_reachable", [], 1))).toContain(mine);
    expect(ids(await user("hostControl_reachable", [], 1))).not.toContain(theirs);
    expect(ids(await user("hostControlSafe_reachable", ["pc*"], 1))).not.toContain(theirs);
    expect(ids(await user("hostControl_reachable", ["*"], 1))).not.toContain(theirs);
    await expect(user("hostControl_reachable", [theirs], 1)).rejects.toMatchObject(refused);
  });

  test.each(["service_createBackup", "service_getDiagnosticData", "audit_getRecords"])(
    "%s, which tells of everything, is not for him",
    async (method) => {
      await expect(user(method)).rejects.toMatchObject(refused);
    },
  );

  test("who creates a client can set it up in the same session, and nobody else's", async () => {
    await user("host_createObjects", client("new.example.org"));
    await user("objectToGroup_createObjects", [
      { type: "ObjectToGroup", groupType: "HostGroup", groupId: "office", objectId: "new.example.org" },
    ]);
    const values = [depot1];
    const state = { type: "ConfigState", configId: "clientconfig.depot.id", objectId: "new.example.org", values };
    await user("configState_createObjects", state);
    expect(await idsOf(user, "host_getObjects", "id", { type: "OpsiClient" })).toContain("new.example.org");
  });
}

describe("depotaccess", () => {
  fresh({ "privilege.host.depotaccess.configured": true, "privilege.host.depotaccess.depots": [depot1] });
  limitsHosts();

  test("other depots and their clients are not there; the config server is", async () => {
    expect(await idsOf(user, "host_getObjects", "id")).toEqual([depot1, mine, serverId].sort());
    expect(await idsOf(user, "productOnDepot_getObjects", "depotId")).toEqual([depot1]);
    await expect(user("host_updateObjects", { type: "OpsiDepotserver", id: depot2 })).rejects.toMatchObject(refused);
  });

  test("renaming his depot takes no place of a foreign one", async () => {
    await expect(user("host_renameOpsiDepotserver", depot1, depot2)).rejects.toMatchObject(refused);
    expect(await idsOf(root, "host_getObjects", "id", { id: [depot1, depot2] })).toEqual([depot1, depot2]);
  });

  test("no depots at all: no clients", async () => {
    await allow({ "privilege.host.depotaccess.depots": [] });
    expect(await idsOf(user, "host_getObjects", "id")).toEqual([serverId]);
    expect(await user("productOnClient_getObjects")).toEqual([]);
    expect(await user("productOnClient_getIdents", "str")).toEqual([]);
    expect(await user("auditHardwareOnHost_getObjects")).toEqual([]);
  });
});

describe("groupaccess of hosts", () => {
  fresh({ "privilege.host.groupaccess.configured": true, "privilege.host.groupaccess.hostgroups": ["office"] });
  limitsHosts();

  test("groups below count, too", async () => {
    expect(await idsOf(user, "host_getObjects", "id", { type: "OpsiClient" })).toEqual([mine, below]);
  });

  test.each<[string, unknown[]]>([
    ["group_updateObjects", [{ type: "HostGroup", id: "others", parentGroupId: "office" }]],
    ["group_createObjects", [{ type: "HostGroup", id: "new", parentGroupId: "office" }]],
    ["group_delete", ["others"]],
    ["group_rename", ["office", "bureau"]],
  ])("the groups that limit him are not his: %s", async (method, params) => {
    await expect(user(method, ...params)).rejects.toMatchObject(refused);
  });

  test("groups in a circle are no endless work", async () => {
    await root("group_updateObjects", { type: "HostGroup", id: "office", parentGroupId: "cellar" });
    expect(await idsOf(user, "host_getObjects", "id", { type: "OpsiClient" })).toEqual([mine, below]);
  });
});

describe("groupaccess of products", () => {
  fresh({
    "privilege.product.groupaccess.configured": true,
    "privilege.product.groupaccess.productgroups": ["free"],
  });

  test("other products are not there", async () => {
    expect(await idsOf(user, "product_getObjects", "id")).toEqual(["firefox"]);
    expect(await idsOf(user, "productOnDepot_getObjects", "productId", { productId: "*" })).toEqual(["firefox"]);
    expect(await idsOf(user, "productOnClient_getObjects", "productId")).toEqual(["firefox"]);
    expect(await user("getProductIds_list")).toEqual(["firefox"]);
    expect(await idsOf(user, "host_getObjects", "id", { type: "OpsiClient" })).toEqual([mine, theirs, below]);
  });

  test("nobody installs them", async () => {
    await user("productOnClient_createObjects", productState(mine));
    await user("setProductActionRequest", "firefox", mine, "setup");
    for (const call of [
      () => user("productOnClient_createObjects", productState(mine, "secret")),
      () => user("setProductActionRequest", "secret", mine, "setup"),
      () => user("depot_uninstallPackage", "secret"),
      () => user("group_updateObjects", { type: "ProductGroup", id: "free", notes: "x" }),
    ]) {
      await expect(call()).rejects.toMatchObject(refused);
    }
    await user("product_delete", "secret"); // finds none
    expect(await idsOf(root, "product_getObjects", "id")).toEqual(["firefox", "secret"]);
    const requests = await root("productOnClient_getObjects", [], { productId: "secret", actionRequest: "setup" });
    expect(requests).toEqual([]);
  });
});

describe("server commands", () => {
  fresh();

  test("are changed by who manages them", async () => {
    await allow({ "ssh.commandmanagement.active": true, "ssh.commands.active": false });
    await user("SSHCommand_createObject", "mine", ["true"]);
    expect(await user("SSHCommand_getObjects")).toMatchObject([{ menuText: "mine" }]);
    await user("SSHCommand_deleteObject", "mine");
  });

  test("are read by who runs them", async () => {
    await allow({ "ssh.commandmanagement.active": false, "ssh.commands.active": true });
    await user("SSHCommand_getObjects");
    await expect(user("SSHCommand_createObject", "x", ["true"])).rejects.toMatchObject(refused);
    await expect(user("SSHCommand_updateObject", "x", ["true"])).rejects.toMatchObject(refused);
    await expect(user("SSHCommand_deleteObject", "x")).rejects.toMatchObject(refused);
  });

  test("are nothing for others", async () => {
    await allow({ "ssh.commandmanagement.active": false, "ssh.commands.active": false });
    await expect(user("SSHCommand_getObjects")).rejects.toMatchObject(refused);
    await expect(user("SSHCommand_getObject", "x")).rejects.toMatchObject(refused);
  });
});
