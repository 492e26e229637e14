import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admin, client, depot, FaultSite, other, own, passwords, plain, server } from "./fault-site.ts";
import { secrets, seed } from "./seed.ts";
import { callsOf, methodsOf } from "./sweep.ts";

/* Who may not see or change something does neither, whichever way it is tried. (service 3.9, objects 8, methods 4) */

const monitoring = `monitoring:${secrets.monitoring}`;
const denied = "OpsiServicePermissionError";
let site: FaultSite;
let hidden: readonly string[];

beforeAll(async () => {
  site = await FaultSite.start();
  await seed(site);
  await site.call(plain, "backend_info");
  const uri = await site.must("user_updateMultiFactorAuth", "guest");
  const second = /secret=([A-Z2-7]+)/.exec(String(uri))?.[1] ?? "";
  expect(second).toHaveLength(32);
  const { monitoring: _own, ...others } = secrets;
  hidden = [...Object.values(others), server.key, depot.key, other.key, ...Object.values(passwords), second];
});
afterAll(() => site[Symbol.asyncDispose]());

/** Calls every method in several ways. */
async function sweep(login: string) {
  const found: string[] = [];
  const answered = new Set<string>();
  for (const method of await methodsOf(site)) {
    for (const params of callsOf(method, other.id)) {
      const { result, error } = await site.call(login, method.name, ...params);
      const text = JSON.stringify({ result, error });
      const call = `${method.name} ${JSON.stringify(params)}`;
      for (const secret of hidden) if (text.includes(secret)) found.push(`${call} shows ${secret}`);
      if (error?.message === "Internal server error") found.push(`${call} fails`);
      if (error === null && !isEmpty(result)) answered.add(method.name);
    }
  }
  return { found, answered };
}

const isEmpty = (value: unknown) => value === null || value === "" || /^[[{][\]}]$/.test(JSON.stringify(value));

/** What everybody who is logged in may know: about the service, not about its hosts. */
const open =
  /^(accessControl_|authenticated$|userIs|backend_|getBackendInfos_|getCACerts$|getDomain$|getHostId$|getOpsiCACert$|getOpsiInformation_|getPossible|getServiceTime$|getMultiple|service_|opsiconfd_|get\w*Info)/;

test.each([
  ["a user without rights", plain],
  ["the monitoring user", monitoring],
])("%s learns nothing about hosts and changes nothing, by any method", async (_who, login) => {
  const before = site.snapshot();
  const { found, answered } = await sweep(login);
  expect(found).toEqual([]);
  expect([...answered].filter((name) => !open.test(name))).toEqual([]);
  expect(site.snapshot()).toEqual(before);
});

/** The rows of a table that are not about the client itself. */
const foreignRows = (text = "") => text.split("\n").filter((row) => !row.includes(own.id));

/** What clients may add: software that they found, configs that are missing. What exists stays. */
const additive = new Set(["table SOFTWARE", "table CONFIG", "table CONFIG_VALUE"]);
/** Moves with every record of what the client has done. */
const endOfTrail = "table AUDIT_TRAIL_END";

test("a client learns no secret and changes nothing of others, by any method", async () => {
  const before = site.snapshot();
  const { found } = await sweep(client);
  expect(found).toEqual([]);
  const after = site.snapshot();
  for (const [place, content] of Object.entries(before)) {
    if (place === endOfTrail) continue;
    if (additive.has(place)) expect(foreignRows(after[place])).toEqual(expect.arrayContaining(foreignRows(content)));
    else if (place.startsWith("table "))
      expect([place, foreignRows(after[place])]).toEqual([place, foreignRows(content)]);
    else expect([place, after[place]]).toEqual([place, content]);
  }
  expect(Object.keys(after)).toEqual(Object.keys(before));
});

describe("a client cannot", () => {
  const host = (values: object) => ({ id: own.id, ...values });
  test.each<[what: string, method: string, ...params: unknown[]]>([
    ["become a depot", "host_updateObject", host({ type: "OpsiDepotserver" })],
    ["become the config server", "host_updateObjects", [host({ type: "OpsiConfigserver" })]],
    ["become a depot by its ident", "host_updateObject", { type: "OpsiDepotserver", ident: own.id }],
    [
      "hide another host among its own",
      "host_updateObjects",
      [host({ type: "OpsiClient" }), host({ type: "OpsiClient", id: other.id })],
    ],
    ["write another host in other case", "host_updateObject", host({ type: "OpsiClient", id: other.id.toUpperCase() })],
    ["delete another host", "host_delete", other.id],
    ["delete all hosts", "host_delete", "*"],
    ["create hosts", "host_createOpsiClient", "new.corpus.test"],
    [
      "point everybody to another service",
      "config_createObjects",
      [
        {
          type: "UnicodeConfig",
          id: "clientconfig.configserver.url",
          possibleValues: ["https://evil.test"],
          defaultValues: ["https://evil.test"],
        },
      ],
    ],
    [
      "the same by the single method",
      "config_createUnicode",
      "clientconfig.depot.id",
      null,
      ["evil.test"],
      ["evil.test"],
    ],
    [
      "change products",
      "product_updateObjects",
      [{ type: "LocalbootProduct", id: "prod", productVersion: "1.0", packageVersion: "1", setupScript: "evil" }],
    ],
    [
      "set the requests of others",
      "productOnClient_updateObject",
      {
        type: "ProductOnClient",
        productId: "prod",
        productType: "LocalbootProduct",
        clientId: other.id,
        actionRequest: "uninstall",
      },
    ],
    [
      "set the states of others",
      "configState_createObjects",
      [{ type: "ConfigState", configId: "conf", objectId: other.id, values: ["evil"] }],
    ],
    [
      "write hardware of others",
      "auditHardwareOnHost_createObjects",
      [{ type: "AuditHardwareOnHost", hostId: other.id, hardwareClass: "BIOS", vendor: "evil" }],
    ],
    ["set passwords", "user_setCredentials", "pcpatch", "evil"],
    ["get a certificate for others", "host_getTLSCertificate", other.id],
    ["write logs of others", "log_write", "instlog", "evil", other.id],
    ["read logs of others", "log_read", "instlog", other.id],
    ["read the log of the service", "log_read", "opsiconfd"],
    ["install packages", "depot_installPackage", "/var/lib/opsi/repository/x.opsi"],
  ])("%s", async (_what, method, ...params) => {
    const before = site.snapshot();
    const { error } = await site.call(client, method, ...params);
    expect(error).toMatchObject({ class: denied });
    expect(site.snapshot()).toEqual(before);
  });

  test("take over another host by its UUID or hardware address", async () => {
    const uuid = "01234567-89ab-cdef-0123-456789abcdef";
    await site.must("host_updateObject", { type: "OpsiClient", id: other.id, systemUUID: uuid });
    const before = site.snapshot();
    for (const taken of [{ systemUUID: uuid }, { hardwareAddress: "00:11:22:33:44:02" }]) {
      for (const method of ["host_updateObject", "host_updateObjects"]) {
        const { error } = await site.call(client, method, { type: "OpsiClient", id: own.id, ...taken });
        expect(error?.class).toMatch(/ValueError|BackendReferentialIntegrityError/);
      }
    }
    expect(site.snapshot()).toEqual(before);
  });

  test("add configs that everybody has already, but may add what is missing", async () => {
    const config = { type: "UnicodeConfig", id: "new.of.client", possibleValues: ["a"], defaultValues: ["a"] };
    for (let time = 0; time < 2; time++) {
      expect((await site.call(client, "config_createObjects", [config])).error).toBeNull();
    }
    const { error } = await site.call(client, "config_createObjects", [{ ...config, defaultValues: ["b"] }]);
    expect(error?.class).toBe(denied);
  });
});

describe("filters tell a client nothing about what it may not see", () => {
  test.each<[method: string, filter: Record<string, unknown>]>([
    ["host_getObjects", { opsiHostKey: "c2*" }],
    ["host_getObjects", { opsiHostKey: other.key }],
    ["host_getHashes", { oneTimePassword: "*" }],
    ["host_getIdents", { notes: "private*" }],
    ["host_getIdents", { hardwareAddress: ["00:11:22:33:44:02"] }],
    ["host_getIdents", { lastSeen: ">2000-01-01" }],
    ["host_getObjects", { inventoryNumber: "" }],
    ["user_getObjects", { otpSecret: "*" }],
    ["user_getIdents", { otpSecret: "A*" }],
    ["softwareLicenseToLicensePool_getObjects", { licenseKey: "LICENSE*" }],
    ["softwareLicenseToLicensePool_getIdents", { licenseKey: ["LICENSE*"] }],
    ["softwareLicenseToLicensePool_getHashes", { licenseKey: ">A" }],
  ])("%s %o", async (method, filter) => {
    const params = method.endsWith("Idents") ? ["str", filter] : [[], filter];
    expect((await site.call(client, method, ...params)).error).toMatchObject({ class: denied });
    expect((await site.call(plain, method, ...params)).error).toMatchObject({ class: denied });
  });

  test("filters on rows of others find nothing", async () => {
    for (const method of ["configState_getObjects", "productOnClient_getObjects", "licenseOnClient_getObjects"]) {
      const attribute = method.startsWith("configState") ? "objectId" : "clientId";
      for (const id of [other.id, "*", `>${own.id}`, [own.id, other.id]]) {
        const { result, error } = await site.call(client, method, [], { [attribute]: id });
        expect(error).toBeNull();
        expect(JSON.stringify(result)).not.toContain(other.id);
      }
    }
  });
});

test("what acl.conf hides from a user is hidden in all hosts", async () => {
  await using limited = await FaultSite.start();
  await seed(limited);
  const file = join(limited.root, "etc/opsi/backendManager/acl.conf");
  const rule = "host_get.* : sys_group(opsiadmin); sys_user(guest, attributes(!opsiHostKey, !oneTimePassword, !notes))";
  await limited.kill();
  writeFileSync(file, `${rule}\n${readFileSync(file, "utf8")}`);
  await limited.run();
  const { result } = await limited.call(plain, "host_getObjects", [], { id: other.id });
  expect(result).toMatchObject([
    { id: other.id, hardwareAddress: "00:11:22:33:44:02", opsiHostKey: null, notes: null },
  ]);
  for (const method of await methodsOf(limited)) {
    for (const params of callsOf(method, other.id)) {
      const text = JSON.stringify(await limited.call(plain, method.name, ...params));
      expect(
        hidden.filter((secret) => text.includes(secret)).map((secret) => `${method.name} shows ${secret}`),
      ).toEqual([]);
    }
  }
  expect((await limited.call(plain, "host_getIdents", "str", { notes: "private*" })).error).toMatchObject({
    class: denied,
  });
});

describe("logs stay where they belong", () => {
  const tricks = [
    ...[
      "../pc1",
      "..",
      "../../../../etc/passwd",
      "/etc/passwd",
      "pc1.corpus.test/../pc2.corpus.test",
      "..%2f..",
      "a\0b",
    ],
    ...[
      "a\\..\\b",
      "pc1.corpus.test\n",
      ".",
      "~root",
      "$(id)",
      "`id`",
      "x".repeat(10_000),
      "\ud83d\ude00",
      "con:",
      "*",
    ],
  ];
  test.each(tricks)("object id %j", async (id) => {
    const before = listing();
    for (const login of [admin, client]) {
      for (const [method, ...params] of [
        ["log_write", "instlog", "evil", id],
        ["log_read", "instlog", id],
      ]) {
        const { error } = await site.call(login, method ?? "", ...params);
        if (id.trim() === own.id) continue; // blanks around an id are no part of it
        expect(error?.class).toMatch(/ValueError|BackendBadValueError|OpsiServicePermissionError/);
      }
    }
    if (id.trim() !== own.id) expect(listing()).toEqual(before);
  });

  test.each([
    "../instlog",
    "instlog/../opsiconfd",
    "",
    "constructor",
    "__proto__",
    "toString",
    null,
    1,
    ["instlog"],
    {},
  ])("log type %j", async (type) => {
    const { error } = await site.call(admin, "log_write", type, "evil", own.id);
    expect(error).toMatchObject({ class: "BackendBadValueError" });
  });

  function listing(): string[] {
    expect(existsSync(join(site.root, "etc/passwd"))).toBe(false);
    return readdirSync(join(site.root, "var/log/opsi"), { recursive: true }).map(String).sort();
  }
});
