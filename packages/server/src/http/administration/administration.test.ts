import { readFileSync, writeFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessRule } from "../../auth/access-role.ts";
import { openCore } from "../../open-core.ts";
import { admin, startTestSite, type TestSite, user } from "../test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite([], openCore);
});
afterAll(() => site[Symbol.asyncDispose]());

const post = (path: string, json: unknown, login = admin) => site.send("POST", path, { login, json });
const get = async (path: string) => (await site.send("GET", path, { login: admin })).json();
const rpc = (method: string, ...params: unknown[]) => post("/rpc", { jsonrpc: "2.0", id: 1, method, params });

test("with all its data, too, every route has a rule that says the role it declares", () => {
  const wrong = site.server.routes.flatMap(({ path, methods, role }) =>
    methods.filter((method) => accessRule(path, method, new Set())?.role !== role).map((method) => `${method} ${path}`),
  );
  expect(wrong).toEqual([]);
  expect(site.server.routes.map(({ path }) => path)).toContain("/monitoring*");
});

test("nobody but administrators sees or changes the site", async () => {
  for (const { path, methods, role } of site.server.routes) {
    if (role !== "admin") continue;
    const [method = "GET"] = methods;
    const login = { login: user, headers: { "x-requested-with": "XMLHttpRequest", accept: "application/json" } };
    const answer = await site.send(method, path.replace(/:\w+/g, "x"), login);
    expect(`${method} ${path} ${answer.status}`).toBe(`${method} ${path} 401`);
  }
});

test("rules that were changed hold after a reload; broken ones leave those that are there", async () => {
  const path = join(site.folders.configuration, "backendManager/acl.conf");
  const rules = readFileSync(path, "utf8");
  const refused = async () =>
    JSON.stringify((await rpc("user_getCredentials")).json()).includes("No permission for method");
  try {
    expect(await refused()).toBe(false);
    writeFileSync(path, `user_getC.* : opsi_depotserver\n${rules}`);
    expect(await refused()).toBe(false);
    const answer = await post("/admin/reload", {});
    expect([answer.status, answer.json()]).toEqual([200, "reload sent"]);
    expect(await refused()).toBe(true);
    writeFileSync(path, "user_getC.* : nonsense");
    expect((await post("/admin/reload", {})).status).toBe(500);
    expect(await refused()).toBe(true);
  } finally {
    writeFileSync(path, rules);
    site.server.reload();
  }
  expect(await refused()).toBe(false);
});

test("a depot is announced once, with a key of its own", async () => {
  const created = await post("/admin/depot-create", { id: "Depot9.corpus.test", description: "cellar" });
  expect([created.status, created.json()]).toEqual([200, "ok"]);
  expect(await get("/admin/depots")).toContainEqual({
    id: "depot9.corpus.test",
    configserver: false,
    description: "cellar",
    opsiHostKey: expect.stringMatching(/^[0-9a-f]{32}$/),
    max_product_sync_transfer_slots: expect.any(Number),
    used_product_sync_transfer_slots: 0,
  });
  const again = await post("/admin/depot-create", { id: "depot9.corpus.test" });
  expect([again.status, again.json()]).toMatchObject([422, { class: "ValueError", message: "Depot already exists" }]);
  const nameless = await post("/admin/depot-create", {});
  expect([nameless.status, nameless.json()]).toMatchObject([422, { message: "Depot ID missing" }]);
  expect((await post("/admin/depot-create", { id: "no host id" })).status).toBe(500);
});

test("locked products are unlocked one by one or all", async () => {
  const product = { type: "LocalbootProduct", productVersion: "1", packageVersion: "1" };
  const onDepot = { productType: "LocalbootProduct", productVersion: "1", packageVersion: "1", locked: true };
  const own = { ...onDepot, type: "ProductOnDepot", depotId: "server.corpus.test" };
  await rpc(
    "product_createObjects",
    ["a", "b", "c"].map((id) => ({ ...product, id, name: id })),
  );
  await rpc(
    "productOnDepot_createObjects",
    ["a", "b", "c"].map((productId) => ({ ...own, productId })),
  );
  const locked = async () => Object.keys((await get("/admin/locked-products-list")) as object);
  expect(await locked()).toEqual(["a", "b", "c"]);
  await post("/admin/products/a/unlock", { depots: ["other.corpus.test"] });
  expect(await locked()).toEqual(["a", "b", "c"]);
  await post("/admin/products/a/unlock", {});
  expect(await locked()).toEqual(["b", "c"]);
  await post("/admin/products/unlock", {});
  expect(await locked()).toEqual([]);
});

test("the newest calls are listed first, with what came of them", async () => {
  await rpc("host_getObjects", [], { type: "OpsiConfigserver" });
  await rpc("nothing_atAll");
  const [failed, read] = (await get("/admin/rpc-list")) as Record<string, unknown>[];
  expect(failed).toMatchObject({ method: "nothing_atAll", error: true, results: 0 });
  expect(read).toMatchObject({ method: "host_getObjects", params: 2, results: 1, error: false });
  expect(read?.["client"]).toMatch(/^127\.0\.0\.1\//);
});

test("users are listed without the secret of their second factor", async () => {
  await post("/admin/update-multi-factor-auth", { user_id: "adminuser", type: "totp" });
  const list = JSON.stringify(await get("/admin/user-list"));
  expect(list).toContain('"mfaState":"totp_active"');
  expect(list).not.toContain("otpSecret");
  await post("/admin/update-multi-factor-auth", { user_id: "adminuser", type: "inactive" });
});

const form = (name: string, text: string) =>
  `--x\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n${text}\r\n--x--\r\n`;

test("licence files are kept under their names, and nothing else is written", async () => {
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  const upload = (name: string, text: string) =>
    site.send("POST", "/admin/license_upload", { login: admin, headers, body: form(name, text) });
  const good = await upload("my licence-1.opsilic", "[id]\nmodule_id = vpn\n");
  expect([good.status, good.text]).toEqual([201, "1 opsi license files imported"]);
  const path = join(site.folders.licenses, "my licence-1.opsilic");
  expect(readFileSync(path, "utf8")).toBe("[id]\nmodule_id = vpn\n");
  expect((await stat(path)).mode & 0o007).toBe(0);
  for (const name of ["../out.opsilic", "a/b.opsilic", ".opsilic", "a.opsilic.exe", "a.opsilic\0"]) {
    expect([name, (await upload(name, "x")).status]).toEqual([name, 422]);
  }
  expect((await upload("big.opsilic", "x".repeat(1_100_000))).status).toBe(422);
  expect(await readdir(site.folders.licenses)).toEqual(["my licence-1.opsilic"]);
});

test("the administration page runs no script but its own, and escapes nothing wrongly", async () => {
  const page = await site.send("GET", "/admin/", { login: admin });
  expect(page.status).toBe(200);
  expect(page.headers["content-security-policy"]).toMatch(/default-src 'none'.*script-src 'sha256-/);
  expect(page.text.match(/<script/g)).toHaveLength(1);
  expect(page.text).not.toMatch(/innerHTML|onclick="/);
  const asked = [...page.text.matchAll(/"(\/admin\/[\w/-]+)"/g)].map(([, path]) => path);
  const lists = /\[("app-state"[^\]]*)\]/.exec(page.text)?.[1]?.replaceAll('"', "").split(", ") ?? [];
  const paths = [...asked, ...lists.map((name) => `/admin/${name}`)];
  expect(paths.length).toBeGreaterThan(8);
  expect(site.server.routes.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
});

test("the list of routes knows itself", async () => {
  const { paths } = (await get("/openapi.json")) as { paths: Record<string, Record<string, unknown>> };
  expect(Object.keys(paths["/admin/products/{product}/unlock"] ?? {})).toEqual(["post"]);
  expect(paths["/openapi.json"]).toBeDefined();
});
