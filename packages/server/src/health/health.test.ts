import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { timestamp } from "@opsi-ts/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { authoritySubject, hostSubject, issueAuthority, issueHost } from "../certificates/issue.ts";
import { encodePrivateKey, generateRsaKeyPair, type KeyPair } from "../certificates/key-pair.ts";
import { readCertificates } from "../certificates/pem-file.ts";
import { openTestRpc, serverId, type TestRpc } from "../rpc/test-rpc.ts";
import { allChecks } from "./all-checks.ts";
import type { CheckResult } from "./run-checks.ts";

const [pc1, pc2, depot] = ["pc1.example.org", "pc2.example.org", "depot.example.org"];
let rpc: TestRpc;
beforeEach(async () => {
  rpc = await openTestRpc({ clients: [pc1, pc2], depots: [depot] });
});
afterEach(() => rpc[Symbol.asyncDispose]());

const all = async () => (await rpc.admin("service_healthCheck")) as CheckResult[];

/** Status and message of a check's parts by their id without the check's. */
async function parts(id: string): Promise<Record<string, string>> {
  const found = (await all()).find(({ check }) => check["id"] === id);
  return Object.fromEntries(
    (found?.partial_results ?? []).map(({ check, check_status, message }) => [
      String(check["id"]).replace(/^[^:]*:/, ""),
      `${check_status}: ${message}`,
    ]),
  );
}

const install = (productId: string, version: string, onDepots: readonly string[]) =>
  rpc.admin(
    ...([
      "createLocalBootProduct",
      productId,
      "P",
      version,
      "1",
      false,
      "setup.opsiscript",
      "",
      "",
      "",
      "",
      0,
    ] as const),
    ...["", "", null, null, onDepots],
  );

test("every check answers in the form that programs know; a result is as bad as its worst part", async () => {
  const results = await all();
  expect(results.map(({ check }) => check["id"])).toEqual(allChecks.map(({ id }) => id));
  for (const { check, check_status, partial_results, upgrade_issue } of results) {
    expect(check).toMatchObject({ partial_check: false, name: expect.any(String), description: expect.any(String) });
    expect(upgrade_issue).toBeNull();
    expect(partial_results.length).toBeGreaterThan(0);
    const order = ["ok", "warning", "error"];
    const worst = Math.max(...partial_results.map((part) => order.indexOf(part.check_status)));
    expect(check_status).toBe(order[worst]);
    expect(partial_results.every((part) => part.check["partial_check"] === true)).toBe(true);
  }
});

test("configs that clients need", async () => {
  await rpc.admin(
    "config_createUnicode",
    "clientconfig.configserver.url",
    "",
    ["https://a:4447/rpc"],
    ["https://a:4447/rpc"],
  );
  await rpc.admin("config_createBool", "opsiclientd.global.verify_server_cert", "", [true]);
  expect(await parts("opsi_config")).toMatchObject({
    "clientconfig.configserver.url": "ok: 'clientconfig.configserver.url' has a value.",
    "clientconfig.depot.id": "error: 'clientconfig.depot.id' has no value.",
    "opsiclientd.global.verify_server_cert": "ok: Clients check the certificate of the service.",
  });
  await rpc.admin("config_createBool", "opsiclientd.global.verify_server_cert", "", [false]);
  expect((await parts("opsi_config"))["opsiclientd.global.verify_server_cert"]).toMatch(/^warning: /);
  await rpc.admin("config_delete", "opsiclientd.global.verify_server_cert");
  expect((await parts("opsi_config"))["opsiclientd.global.verify_server_cert"]).toMatch(/^error: /);
});

test("options of the service, and rights that are too wide", async () => {
  const acl = join(rpc.folders.backendManager, "acl.conf");
  writeFileSync(acl, "backend_.* : all\n.* : sys_group(admins); opsi_depotserver\n");
  const before = await parts("opsiconfd_config");
  expect(before).toMatchObject({ "log-level": "ok: log-level is 4.", acl_self_for_all: expect.stringMatching(/^ok/) });
  expect(before["run_as_user"]).toMatch(process.getuid?.() === 0 ? /^error/ : /^ok/);
  writeFileSync(acl, "backend_.* : all\n.* : sys_group(admins); self\n");
  expect(await parts("opsiconfd_config")).toMatchObject({
    acl_self_for_all: expect.stringMatching(/^error: Line 2 of /),
  });
});

async function writeCertificates(serverDays: number): Promise<{ authorityKeys: KeyPair; serverKeys: KeyPair }> {
  const { ssl } = rpc.folders;
  const authorityKeys = await generateRsaKeyPair(2048);
  const serverKeys = await generateRsaKeyPair(2048);
  const subject = authoritySubject(serverId, "opsi CA");
  const pem = await issueAuthority({ keys: authorityKeys, subject, validDays: 730, permittedDomains: [] });
  const [certificate] = readCertificates(pem);
  if (!certificate) throw new Error("no certificate");
  const authority = { keys: authorityKeys, raw: certificate.raw };
  const own = { subject: hostSubject(serverId, serverId), names: ["localhost"], validDays: serverDays };
  writeFileSync(join(ssl, "opsi-ca-cert.pem"), pem);
  writeFileSync(join(ssl, "opsi-ca-key.pem"), encodePrivateKey(authorityKeys.privateKey, "Toohoerohpiep8yo"), {
    mode: 0o600,
  });
  writeFileSync(join(ssl, "opsiconfd-cert.pem"), await issueHost({ authority, keys: serverKeys, ...own }));
  writeFileSync(join(ssl, "opsiconfd-key.pem"), encodePrivateKey(serverKeys.privateKey, "ye3heiwaiLu9pama"), {
    mode: 0o600,
  });
  return { authorityKeys, serverKeys };
}

test("certificates: good, near their end, expired, with a foreign or a readable key", async () => {
  expect(Object.values(await parts("ssl")).every((text) => text.startsWith("error"))).toBe(true); // nothing is there yet
  await writeCertificates(90);
  const good = await parts("ssl");
  expect(Object.values(good).map((text) => text.replace(/:.*/, ""))).toEqual(["ok", "ok", "ok", "ok"]);
  expect(Object.keys(good)).toEqual(["opsi_ca_cert", "opsi_ca_key", "server_cert", "server_key"]);

  const { ssl } = rpc.folders;
  chmodSync(join(ssl, "opsi-ca-key.pem"), 0o644);
  writeFileSync(join(ssl, "opsiconfd-key.pem"), readFileSync(join(ssl, "opsi-ca-key.pem")));
  expect(await parts("ssl")).toMatchObject({
    opsi_ca_key: expect.stringMatching(/^error: Everybody may read/),
    server_key: expect.stringMatching(/^error: .*passphrase/),
  });
  await writeCertificates(20);
  expect((await parts("ssl"))["server_cert"]).toMatch(/^warning: .* ends in \d+ days/);
  await writeCertificates(-2);
  expect((await parts("ssl"))["server_cert"]).toMatch(/^error: .* has expired/);
  const server = readFileSync(join(ssl, "opsiconfd-cert.pem"));
  await writeCertificates(90);
  writeFileSync(join(ssl, "opsiconfd-cert.pem"), server);
  expect(await parts("ssl")).toMatchObject({
    server_cert: expect.stringMatching(/^error: .* not issued with the key of the opsi CA/),
    server_key: expect.stringMatching(/^error: .* does not belong to its certificate/),
  });
});

test("a broken page of the database file is seen", async () => {
  const clients = Array.from({ length: 2000 }, (_, number) => ({
    ...{ type: "OpsiClient", id: `n${number}.example.org`, notes: "x".repeat(100) },
  }));
  await rpc.admin("host_createObjects", clients);
  expect(await parts("database")).toMatchObject({ integrity: expect.stringMatching(/^ok/) });
  const path = join(rpc.folders.state, "opsi.sqlite");
  await rpc.storage[Symbol.asyncDispose](); // now everything is in the file and none in the write-ahead log
  const file = openSync(path, "r+");
  for (let page = 20; page < statSync(path).size / 4096; page += 7)
    writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, page * 4096);
  closeSync(file);
  const { integrityProblems } = await import("./database.ts");
  expect((await integrityProblems(path)).length).toBeGreaterThan(0);
});

test("folders of the depot that are missing, URLs that lead elsewhere", async () => {
  rmSync(rpc.folders.workbench, { recursive: true });
  writeFileSync(rpc.folders.workbench, "a file in the way");
  const local = { depotLocalUrl: "file:///var/lib/opsi/depot/", workbenchLocalUrl: "file:///var/lib/opsi/workbench" };
  await rpc.admin("host_updateObjects", [
    { type: "OpsiDepotserver", id: depot, ...local, repositoryLocalUrl: "file:///srv/repository" },
  ]);
  const found = await parts("depotservers");
  expect(found).toMatchObject({
    depot_path: expect.stringMatching(/^ok/),
    workbench_path: expect.stringMatching(/^error: .* missing or no folder/),
    [`${depot}:repositoryLocalUrl`]: expect.stringContaining("file:///srv/repository"),
  });
  expect(found).not.toHaveProperty(`${depot}:depotLocalUrl`);
});

test("the depot user needs a password", async () => {
  expect(await parts("opsi_users")).toMatchObject({ pcpatch: expect.stringMatching(/^error/) });
  await rpc.admin("user_setCredentials", "pcpatch", "linux123");
  expect(await parts("opsi_users")).toEqual({ pcpatch: "ok: The password of 'pcpatch' is stored." });
  expect(JSON.stringify(await all())).not.toContain("linux123");
});

test("products on depots: without files, locked, older than elsewhere", async () => {
  await install("p", "1", [depot]);
  await install("p", "2", [serverId]);
  await install("q", "1", [serverId]);
  mkdirSync(join(rpc.folders.depot, "p"));
  mkdirSync(join(rpc.folders.depot, "q"));
  expect(await parts("products_on_depots")).toEqual({
    [`${depot}:p`]: `warning: p 1-1 on ${depot} is older than 2-1 on another depot.`,
  });
  await install("p", "2", [depot]);
  await rpc.admin("productOnDepot_delete", "p", depot, "1");
  expect(await parts("products_on_depots")).toEqual({ products: expect.stringMatching(/^ok/) });
  await rpc.admin("lockProduct", "p", [serverId]);
  rmSync(join(rpc.folders.depot, "q"), { recursive: true });
  expect(await parts("products_on_depots")).toEqual({
    [`${serverId}:p`]: `warning: p 2-1 on ${serverId} is locked.`,
    [`${serverId}:q`]: expect.stringMatching(/^error: .* is missing\.$/),
  });
});

test("clients with old products, but not those that are away or taken out", async () => {
  await install("p", "2", [serverId]);
  await install("opsi-client-agent", "4.3", [serverId]);
  const state = (clientId: string, productId: string, productVersion: string) => ({
    ...{ type: "ProductOnClient", productId, productType: "LocalbootProduct", clientId, productVersion },
    ...{ packageVersion: "1", installationStatus: "installed" },
  });
  await rpc.admin("config_createUnicode", "clientconfig.depot.id", "", [serverId, depot], [serverId]);
  await rpc.admin("productOnClient_createObjects", [state(pc1, "p", "2"), state(pc2, "p", "2")]);
  expect(await parts("products_on_clients")).toEqual({ products: "ok: 2 clients have current products." });
  await rpc.admin("productOnClient_createObjects", [
    ...[state(pc1, "p", "1"), state(pc1, "opsi-client-agent", "4.2"), state(pc2, "p", "1")],
  ]);
  const outdated = await parts("products_on_clients");
  expect(outdated).toEqual({
    [`${pc1}:opsi-client-agent`]: `error: opsi-client-agent 4.2-1 on ${pc1} is older than 4.3-1 on its depot.`,
    [`${pc1}:p`]: `warning: p 1-1 on ${pc1} is older than 2-1 on its depot.`,
    [`${pc2}:p`]: `warning: p 1-1 on ${pc2} is older than 2-1 on its depot.`,
  });
  const longAgo = timestamp(new Date(Date.now() - 91 * 86_400_000));
  await rpc.admin("host_updateObjects", [{ type: "OpsiClient", id: pc1, lastSeen: longAgo }]);
  await rpc.admin("config_createBool", "opsi.check.enabled", "", [true]);
  expect(Object.keys(await parts("products_on_clients"))).toEqual([`${pc2}:p`]);
  await rpc.admin("configState_create", "opsi.check.enabled", pc2, [false]);
  expect(await parts("products_on_clients")).toEqual({ products: "ok: 0 clients have current products." });
  await rpc.admin("configState_delete", "opsi.check.enabled", pc2);
  await rpc.admin("config_createUnicode", "opsi.check.downtime.start", "", [""], [""]);
  await rpc.admin("configState_create", "opsi.check.downtime.start", pc2, [longAgo]);
  expect(await parts("products_on_clients")).toEqual({ products: "ok: 0 clients have current products." });
});

test("a client at a depot that is gone", async () => {
  await rpc.admin("config_createUnicode", "clientconfig.depot.id", "", [serverId, depot], [serverId]);
  await rpc.admin("configState_create", "clientconfig.depot.id", pc1, [depot]);
  expect(await parts("depot_assignments")).toEqual({ clients: expect.stringMatching(/^ok/) });
  await rpc.admin("host_delete", depot);
  expect(await parts("depot_assignments")).toEqual({
    [pc1]: `error: ${pc1} is assigned to '${depot}', which does not exist.`,
  });
});

test("two hosts with one address", async () => {
  expect(await parts("unique_hardware_addresses")).toEqual({ addresses: expect.stringMatching(/^ok/) });
  const { storage } = rpc;
  const { hosts } = await import("../methods/families.ts");
  const address = { hardwareAddress: "aa:bb:cc:00:11:22" };
  const restored = [pc1, pc2].map((id) => ({ type: "OpsiClient", id, ...address }));
  await storage.write(hosts, restored, "restore"); // a backup of an old site may have it
  expect(await parts("unique_hardware_addresses")).toEqual({
    "aa:bb:cc:00:11:22": `error: aa:bb:cc:00:11:22 belongs to ${pc1}, ${pc2}.`,
  });
});

test("deprecated calls are named with what to use, and from when on they fail", async () => {
  expect(await parts("deprecated_calls")).toEqual({ calls: expect.stringMatching(/^ok/) });
  await rpc
    .client(pc1)("getClientIds_list")
    .catch(() => {});
  const found = (await all()).find(({ check }) => check["id"] === "deprecated_calls");
  expect(found).toMatchObject({ check_status: "warning", message: "1 issue(s) found." });
  const [part] = found?.partial_results ?? [];
  expect(part?.message).toMatch(/^'getClientIds_list' was called 1 times/);
  expect(part?.details).toMatchObject({ calls: 1, clients: ["127.0.0.1/"] });
});

test("the last backup: none, new, too old", async () => {
  expect(await parts("opsi_backup")).toEqual({ last_backup: "error: No backup was ever made." });
  await rpc.admin("service_createBackup", false, false, false, null, "data");
  expect(await parts("opsi_backup")).toEqual({ last_backup: "ok: The last backup is 0 hours old." });
  writeFileSync(join(rpc.folders.state, "last-backup"), `${new Date(Date.now() - 25 * 3_600_000).toISOString()}\n`);
  expect((await parts("opsi_backup"))["last_backup"]).toMatch(/^error: The last backup is 25 hours old/);
  writeFileSync(join(rpc.folders.state, "last-backup"), "nonsense");
  expect((await parts("opsi_backup"))["last_backup"]).toMatch(/^error/);
});

test("addresses that failed to log in too often", async () => {
  expect(await parts("failed_logins")).toEqual({ addresses: "ok: No address is blocked." });
  for (let attempt = 0; attempt < 3; attempt++) {
    rpc.throttle.admit("10.1.1.1");
    rpc.throttle.noteFailure("10.1.1.1");
  }
  expect(await parts("failed_logins")).toEqual({ "10.1.1.1": "warning: 10.1.1.1 is blocked after failed logins." });
  rpc.throttle.unblock("10.1.1.1");
  expect(await parts("failed_logins")).toEqual({ addresses: "ok: No address is blocked." });
});

test("an extension that is broken", async () => {
  expect(await parts("extensions")).toEqual({ files: "ok: All 0 extensions are loaded." });
  const folder = join(rpc.folders.backendManager, "extend.d");
  mkdirSync(folder);
  writeFileSync(join(folder, "10_broken.js"), "export default 1 +;\n");
  await rpc.extender.reload();
  expect(await parts("extensions")).toEqual({
    "10_broken.js": expect.stringMatching(/^error: .*extend\.d.10_broken\.js: .*line 1/),
  });
});

test("one check that fails does not hide the others", async () => {
  rmSync(rpc.folders.repository, { recursive: true });
  const byId = new Map((await all()).map((result) => [result.check["id"], result]));
  expect(byId.get("disk_usage")).toMatchObject({ check_status: "error", message: expect.stringContaining("ENOENT") });
  expect(byId.size).toBe(allChecks.length);
});
