import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTestRpc, serverId, serverKey, type TestRpc } from "../../rpc/test-rpc.ts";

const client = "pc1.example.org";
let rpc: TestRpc;
beforeEach(async () => {
  rpc = await openTestRpc({ clients: [client], depots: ["depot.example.org"] });
});
afterEach(() => rpc[Symbol.asyncDispose]());

const clientIds = async () => rpc.admin("host_getIdents", "str", { type: "OpsiClient" });

test("a backup brings back what was deleted and takes away what came later", async () => {
  await rpc.admin("group_createHostGroup", "room", "Room 1");
  await rpc.admin("objectToGroup_create", "HostGroup", "room", client);
  const device = {
    hostId: client,
    type: "AuditHardwareOnHost",
    hardwareClass: "PCI_DEVICE",
    name: "Card",
    vendorId: "8086",
  };
  await rpc.admin("auditHardwareOnHost_createObjects", [device]);
  const before = await rpc.admin("host_getObjects", [], {});
  const fileId = await rpc.admin("service_createBackup", true, true, true, "secret");
  await rpc.admin("host_delete", client);
  await rpc.admin("host_createOpsiClient", "later.example.org");

  await rpc.admin("service_restoreBackup", fileId, false, false, "backup", "secret");
  expect(await rpc.admin("host_getObjects", [], {})).toEqual(before);
  expect(await rpc.admin("objectToGroup_getIdents")).toEqual([`HostGroup;room;${client}`]);
  expect(await rpc.admin("auditHardwareOnHost_getObjects", [], { hostId: client })).toMatchObject([
    { name: "Card", vendorId: "8086" },
  ]);
  expect(existsSync(join(rpc.folders.root, String(fileId)))).toBe(false);
});

test("backups at the same time end the maintenance, and one that goes on for other reasons stays", async () => {
  const backup = () => rpc.admin("service_createBackup", false, false, true, null, "data");
  const begun = vi.spyOn(rpc.applicationState, "startMaintenance").mock;
  const ended = vi.spyOn(rpc.applicationState, "set").mock;
  await Promise.all([backup(), backup()]);
  expect(rpc.applicationState.maintenance).toBeNull();
  const [[first = 0, second = 0], [firstEnd = 0]] = [begun.invocationCallOrder, ended.invocationCallOrder];
  expect([first, firstEnd, second]).toEqual([first, firstEnd, second].toSorted((a, b) => a - b));
  await rpc.admin("service_setAppState", { type: "maintenance", message: "Moving house" });
  await backup();
  expect(rpc.applicationState.maintenance).toMatchObject({ message: "Moving house" });
});

test("times that are unknown stay so", async () => {
  const document = (await rpc.admin("service_createBackup", false, false, false, null, "data")) as {
    objects: { Host: Record<string, unknown>[] };
  };
  const found = document.objects.Host.find(({ id }) => id === client);
  Object.assign(found ?? {}, { lastSeen: null });
  await rpc.admin("service_restoreBackup", document);
  expect(await rpc.admin("host_getObjects", ["lastSeen"], { id: client })).toMatchObject([{ lastSeen: null }]);
});

test("a backup of another server is taken over, and this server keeps its key", async () => {
  const text = JSON.stringify(await rpc.admin("service_createBackup", false, false, false, null, "data"));
  const foreign = JSON.parse(text.replaceAll(serverId, "old.example.net").replaceAll(serverKey, "f".repeat(32)));
  await expect(rpc.admin("service_restoreBackup", foreign)).rejects.toThrow(/server_id "local"/);
  expect(await rpc.admin("getServerIds_list")).toEqual([serverId]);
  await rpc.admin("service_restoreBackup", foreign, false, false, "local");
  expect(await rpc.admin("getServerIds_list")).toEqual([serverId]);
  expect(await rpc.admin("getOpsiHostKey", serverId)).toBe(serverKey);
  expect(await clientIds()).toEqual([client]);
});

test("with its configuration, the key of a backup of another server becomes that of this one", async () => {
  const text = JSON.stringify(await rpc.admin("service_createBackup", true, false, false, null, "data"));
  const foreign = JSON.parse(text.replaceAll(serverId, "old.example.net").replaceAll(serverKey, "f".repeat(32)));
  await rpc.admin("service_restoreBackup", foreign, true, false, "local");
  expect(await rpc.admin("getOpsiHostKey", serverId)).toBe("f".repeat(32));
});

test("a backup without its own server changes nothing", async () => {
  const document = (await rpc.admin("service_createBackup", false, false, false, null, "data")) as {
    meta: Record<string, unknown>;
  };
  document.meta["server_id"] = "unknown.example.net";
  await expect(rpc.admin("service_restoreBackup", document, false, false, "local")).rejects.toThrow("unknown.example");
  expect(await rpc.admin("getServerIds_list")).toEqual([serverId]);
  await rpc.admin("host_createOpsiClient", "later.example.org");
  await rpc.admin("service_restoreBackup", document, false, false, "local").catch(() => {});
  expect(await clientIds()).toEqual(expect.arrayContaining(["later.example.org", client]));
});

test("a backup that the database refuses changes nothing", async () => {
  const document = (await rpc.admin("service_createBackup", false, false, false, null, "data")) as {
    objects: Record<string, unknown[]>;
  };
  document.objects["ProductOnClient"] = [
    { type: "ProductOnClient", productId: "p", productType: "LocalbootProduct", clientId: "gone.example.org" },
  ];
  await expect(rpc.admin("service_restoreBackup", document)).rejects.toThrow();
  expect(await clientIds()).toEqual([client]);
});

test("of an object that is not valid nothing is written, unless it may be left out", async () => {
  const document = (await rpc.admin("service_createBackup", false, false, false, null, "data")) as {
    objects: Record<string, unknown[]>;
  };
  document.objects["Group"] = [
    { type: "HostGroup", id: "ä/ö" },
    { type: "HostGroup", id: "room-2" },
  ];
  await expect(rpc.admin("service_restoreBackup", document)).rejects.toThrow(
    "An object of the backup is not valid: Group 'ä/ö': Bad object id: 'ä/ö'",
  );
  expect(await rpc.admin("group_getIdents")).not.toContain("room-2");
  await rpc.admin("service_restoreBackup", document, false, false, "backup", null, false);
  expect(await rpc.admin("group_getIdents")).toEqual(["room-2"]);
});

test.each(["x", "00000000-0000-4000-8000-000000000000"])("no backup under the id %s", async (id) => {
  await expect(rpc.admin("service_restoreBackup", id)).rejects.toThrow("Invalid file ID");
});

test("options: secrets are not shown, changes go into the file", async () => {
  const options = (await rpc.admin("service_getConfig")) as Record<string, unknown>;
  expect(options).toMatchObject({ session_lifetime: 120, ssl_ca_key_passphrase: "********" });
  await rpc.admin("service_updateConfig", { "session-lifetime": 90, networks: ["10.0.0.0/8", "::1/128"] }, "none");
  const file = readFileSync(join(rpc.folders.configuration, "opsiconfd.conf"), "utf8");
  expect(file).toBe("session-lifetime = 90\nnetworks = [10.0.0.0/8, ::1/128]\n");
});

// The CA could not be opened any more: its passphrase had become a row of asterisks.
test("options that are sent back as they were shown leave secrets alone", async () => {
  const shown = (await rpc.admin("service_getConfig")) as Record<string, unknown>;
  const { ssl_ca_key_passphrase: passphrase, session_lifetime: lifetime } = shown;
  await rpc.admin("service_updateConfig", { session_lifetime: lifetime, ssl_ca_key_passphrase: passphrase }, "none");
  const file = join(rpc.folders.configuration, "opsiconfd.conf");
  expect(readFileSync(file, "utf8")).toBe("session-lifetime = 120\n");
  await rpc.admin("service_updateConfig", { ssl_ca_key_passphrase: "another" }, "none");
  expect(readFileSync(file, "utf8")).toContain("ssl-ca-key-passphrase = another\n");
});

test.each([
  [{ nonsense: 1 }, "Invalid option 'nonsense'"],
  [{ "session-lifetime": "x" }, "Option 'session_lifetime': 'x' is not a whole number"],
  [{ "node-name": "a\nport = 1" }, "Option 'node_name': more than one line"],
])("options %j are refused", async (options, error) => {
  await expect(rpc.admin("service_updateConfig", options, "none")).rejects.toThrow(error);
  expect(existsSync(join(rpc.folders.configuration, "opsiconfd.conf"))).toBe(false);
});

test("who asks for a restart hears that he must do it", async () => {
  await expect(rpc.admin("service_updateConfig", { "session-lifetime": 90 }, "restart")).rejects.toMatchObject({
    class: "NotImplementedError",
  });
});

test("diagnostic data count hosts and contain the health check", async () => {
  expect(await rpc.admin("service_getDiagnosticData")).toMatchObject({
    ...{ clients: { client_count: 1 }, depots: { ids: expect.arrayContaining([serverId, "depot.example.org"]) } },
    health_check: expect.arrayContaining([expect.objectContaining({ check_status: "error" })]),
  });
});

const administrators = [
  "service_getConfig",
  "service_getDiagnosticData",
  "service_healthCheck",
  "service_createBackup",
];
test.each(administrators)("%s is for administrators only", async (method) => {
  await expect(rpc.user(method)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
  await expect(rpc.client(client)(method)).rejects.toMatchObject({ class: "OpsiServicePermissionError" });
});
