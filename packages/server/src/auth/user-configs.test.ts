import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../http/test-site.ts";
import { openCore } from "../open-core.ts";
import { LocalUsers } from "./local-users.ts";
import { userPrefix } from "./privileges.ts";

interface Config {
  readonly id: string;
  readonly type: string;
  readonly defaultValues: readonly unknown[];
  readonly possibleValues: readonly unknown[];
  readonly editable: boolean;
  readonly multiValue: boolean;
}

let site: TestSite;
let users: LocalUsers;
const key = "0123456789abcdef0123456789abcdef";
beforeAll(async () => {
  site = await startTestSite(["--max-auth-failures", "50", "--host-key", key], openCore);
  users = new LocalUsers(join(site.folders.configuration, "users.json"));
});
afterAll(() => site[Symbol.asyncDispose]());

/** As the server's own host, which has no limits. */
async function call<T>(method: string, ...params: unknown[]): Promise<T> {
  const json = { jsonrpc: "2.0", id: 1, method, params };
  const answer = (await site.send("POST", "/rpc", { login: `server.corpus.test:${key}`, json })).json();
  const { result, error } = answer as { result: T; error?: { message: string } };
  if (error) throw new Error(error.message);
  return result;
}

const logIn = (name: string, password = "secret") => site.send("HEAD", "/rpc", { login: `${name}:${password}` });
const flag = (id: string, value: boolean) => ({ type: "BoolConfig", id, defaultValues: [value] });
const list = (id: string, values: string[]) => ({
  type: "UnicodeConfig",
  id,
  defaultValues: values,
  possibleValues: values,
  multiValue: true,
});

async function configsOf(prefix: string): Promise<Map<string, Config>> {
  const found = await call<Config[]>("config_getObjects", [], { id: `${prefix}*` });
  return new Map(found.map((config) => [config.id.slice(prefix.length), config]));
}

test("nothing is written while the site does not keep users apart", async () => {
  await users.create("anna", "secret", ["opsiadmin"]);
  expect((await logIn("anna")).status).toBe(200);
  expect((await configsOf("user.")).size).toBe(0);
  await call("config_createObjects", flag("user.{}.register", false));
  await logIn("anna");
  expect((await configsOf("user.{anna}.")).size).toBe(0);
});

test("an administrator gets configs with the defaults, nobody else does", async () => {
  await call("config_createObjects", flag("user.{}.register", true));
  await call("group_createObjects", [
    { type: "HostGroup", id: "office" },
    { type: "ProductGroup", id: "free" },
  ]);
  await logIn("anna");
  const configs = await configsOf("user.{anna}.");
  const values = Object.fromEntries([...configs].map(([suffix, { defaultValues }]) => [suffix, defaultValues]));
  expect(values).toEqual({
    has_role: [""],
    modified: [expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)],
    "privilege.host.all.registered_readonly": [false],
    "privilege.host.createclient": [true],
    "privilege.host.opsiserver.write": [true],
    "privilege.host.depotaccess.configured": [false],
    "privilege.host.depotaccess.depots": [],
    "privilege.host.groupaccess.configured": [false],
    "privilege.host.groupaccess.hostgroups": [],
    "privilege.product.groupaccess.configured": [false],
    "privilege.product.groupaccess.productgroups": [],
    "ssh.commandmanagement.active": [false],
    "ssh.commands.active": [true],
    "ssh.menu_serverconsole.active": [true],
    "ssh.serverconfiguration.active": [true],
  });
  expect(configs.get("privilege.host.createclient")?.type).toBe("BoolConfig");
  const depots = { possibleValues: ["server.corpus.test"], editable: false, multiValue: true };
  expect(configs.get("privilege.host.depotaccess.depots")).toMatchObject(depots);
  expect(configs.get("privilege.host.groupaccess.hostgroups")?.possibleValues).toEqual(["office"]);
  expect(configs.get("privilege.product.groupaccess.productgroups")?.possibleValues).toEqual(["free"]);
  expect(configs.get("has_role")).toMatchObject({ editable: false, multiValue: false });
  await logIn("plainuser", "plainuser");
  expect((await configsOf("user.{plainuser}.")).size).toBe(0);
});

test("the next login keeps what was changed, also what is no more there to choose from", async () => {
  const groups = "user.{anna}.privilege.host.groupaccess.hostgroups";
  await call("config_updateObjects", [
    flag("user.{anna}.privilege.host.createclient", false),
    flag("user.{anna}.ssh.commandmanagement.active", true),
    list(groups, ["office", "gone"]),
  ]);
  await call("group_createObjects", { type: "HostGroup", id: "cellar" });
  await logIn("anna");
  const configs = await configsOf("user.{anna}.");
  expect(configs.get("privilege.host.createclient")?.defaultValues).toEqual([false]);
  expect(configs.get("ssh.commandmanagement.active")?.defaultValues).toEqual([true]);
  const hostGroups = configs.get("privilege.host.groupaccess.hostgroups");
  expect([...(hostGroups?.defaultValues ?? [])].sort()).toEqual(["gone", "office"]);
  expect([...(hostGroups?.possibleValues ?? [])].sort()).toEqual(["cellar", "gone", "office"]);
});

test("who is in the group of a role has the values of the role, until he leaves it", async () => {
  await call("config_createObjects", list("opsi.roles", ["helpdesk"]));
  users.setGroups("anna", ["opsiadmin", "helpdesk"]);
  await logIn("anna");
  expect((await configsOf("user.{anna}.")).get("privilege.host.createclient")?.defaultValues).toEqual([true]);
  await call("config_updateObjects", [
    flag("user.role.{helpdesk}.privilege.host.opsiserver.write", false),
    list("user.role.{helpdesk}.privilege.host.groupaccess.hostgroups", ["office"]),
  ]);
  await logIn("anna");
  const configs = await configsOf("user.{anna}.");
  expect(configs.get("has_role")).toMatchObject({ defaultValues: ["helpdesk"] });
  expect(configs.get("privilege.host.opsiserver.write")?.defaultValues).toEqual([false]);
  const { cookie } = await logIn("anna");
  const headers = { cookie: cookie ?? "" };
  expect((await site.send("POST", "/admin/unblock-all", { headers })).status).toBe(401);
  expect((await site.send("GET", "/admin/blocked-clients", { headers })).status).toBe(200);
  expect(configs.get("privilege.host.groupaccess.hostgroups")?.defaultValues).toEqual(["office"]);
  users.setGroups("anna", ["opsiadmin"]);
  await logIn("anna");
  expect((await configsOf("user.{anna}.")).get("has_role")?.defaultValues).toEqual([""]);
});

test("the beginning of another name, or a name with blanks, is a user of its own", async () => {
  await users.create("ann", "secret", ["opsiadmin"]);
  await logIn("ann");
  expect((await configsOf("user.{ann}.")).get("privilege.host.createclient")?.defaultValues).toEqual([true]);
  expect(userPrefix("Anna Maria")).toBe("user.{anna%20maria}.");
});

test("who may only read writes neither calls nor files", async () => {
  await call("config_updateObjects", flag("user.{anna}.privilege.host.all.registered_readonly", true));
  users.setGroups("anna", ["opsiadmin", "opsifileadmins"]);
  const { cookie } = await logIn("anna");
  const headers = { cookie: cookie ?? "" };
  const rpc = async (method: string, ...params: unknown[]) =>
    (await site.send("POST", "/rpc", { headers, json: { jsonrpc: "2.0", id: 1, method, params } })).json();
  expect(await rpc("accessControl_userIsReadOnlyUser")).toMatchObject({ result: true });
  expect(await rpc("group_delete", "office")).toMatchObject({ error: { message: expect.stringContaining("No perm") } });
  expect((await site.send("GET", "/admin/session-list", { headers })).status).toBe(200);
  expect((await site.send("PROPFIND", "/depot/", { headers })).status).toBe(207);
  expect((await site.send("GET", "/admin/depots", { headers })).text).not.toContain(key);
  for (const [method, path] of [
    ["PUT", "/depot/file"],
    ["MKCOL", "/workbench/folder/"],
    ["DELETE", "/repository/file"],
    ["POST", "/admin/unblock-all"],
  ] as const) {
    expect([path, (await site.send(method, path, { headers })).status]).toEqual([path, 401]);
  }
});

// The pages of administrators showed him the keys of all depots, with which he could do everything.
test("who sees parts of the site only does not get what shows all of it", async () => {
  const depots = [
    flag("user.{bert}.privilege.host.depotaccess.configured", true),
    list("user.{bert}.privilege.host.depotaccess.depots", ["depot1.corpus.test"]),
  ];
  await call("config_createObjects", depots);
  await users.create("bert", "secret", ["opsiadmin"]);
  const { cookie } = await logIn("bert");
  const headers = { cookie: cookie ?? "" };
  for (const path of ["/admin/depots", "/admin/rpc-list", "/admin/session-list", "/admin/config"]) {
    expect([path, (await site.send("GET", path, { headers })).status]).toEqual([path, 401]);
  }
  expect((await site.send("GET", "/workbench/", { headers })).status).toBe(200);
});
