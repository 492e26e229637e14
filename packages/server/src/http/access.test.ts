import { afterAll, beforeAll, expect, test } from "vitest";
import { type AccessRole, accessRule, accessRules } from "../auth/access-role.ts";
import { admin, startTestSite, type TestSite, user } from "./test-site.ts";

let site: TestSite;
const client = "pc1.corpus.test:0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const depot = "depot1.corpus.test:a1b2c3d4e5f60718293a4b5c6d7e8f90";
beforeAll(async () => {
  site = await startTestSite();
  site.hosts.push(
    { id: "pc1.corpus.test", type: "OpsiClient", opsiHostKey: client.split(":")[1] ?? "" },
    { id: "depot1.corpus.test", type: "OpsiDepotserver", opsiHostKey: depot.split(":")[1] ?? "" },
  );
});
afterAll(() => site[Symbol.asyncDispose]());

test("every route has a rule that says the role it declares", () => {
  const { routes, webdavPrefixes } = site.server;
  expect(routes.length).toBeGreaterThan(20);
  const wrong: string[] = [];
  for (const { path, methods, role } of routes) {
    for (const method of methods) {
      const rule = accessRule(path, method, new Set());
      if (rule?.role !== role) wrong.push(`${method} ${path}: declares ${role}, rule says ${rule?.role ?? "nothing"}`);
    }
  }
  for (const prefix of webdavPrefixes) {
    if (accessRule(`${prefix}/`, "PUT", new Set()) === null) wrong.push(`${prefix} has no rule`);
  }
  expect(wrong).toEqual([]);
});

test("paths without a rule are for administrators, and so is everything that writes", () => {
  const role = (path: string, method = "GET", disabled: string[] = []): AccessRole =>
    accessRule(path, method, new Set(disabled))?.role ?? "admin";
  expect(role("/nothing")).toBe("admin");
  expect(role("/depot/a", "PROPFIND")).toBe("authenticated");
  expect(role("/depot/a", "PUT")).toBe("admin");
  expect(role("/boot/a", "LOCK")).toBe("admin");
  expect(role("/dav/depot/a")).toBe("admin");
  expect(role("/dav/public/a")).toBe("public");
  expect(role("/status/short", "GET", ["status-page"])).toBe("admin");
  expect(role("/public/a", "GET", ["public-folder"])).toBe("admin");
  expect(accessRules.every(({ path }) => path.startsWith("/"))).toBe(true);
});

type Caller = "nobody" | "client" | "user" | "depot" | "admin";
const logins: Record<Caller, string | undefined> = { nobody: undefined, client, user, depot, admin };

test.each<[path: string, method: string, statuses: Record<Caller, number>]>([
  ["/status/short", "GET", { nobody: 200, client: 200, user: 200, depot: 200, admin: 200 }],
  ["/rpc", "HEAD", { nobody: 401, client: 200, user: 200, depot: 200, admin: 200 }],
  ["/auth/authenticated", "GET", { nobody: 401, client: 200, user: 200, depot: 200, admin: 200 }],
  ["/depot/", "PROPFIND", { nobody: 401, client: 207, user: 207, depot: 207, admin: 207 }],
  ["/depot/new/", "MKCOL", { nobody: 401, client: 401, user: 401, depot: 201, admin: 405 }],
  ["/repository/", "GET", { nobody: 401, client: 401, user: 401, depot: 200, admin: 200 }],
  ["/admin/session-list", "GET", { nobody: 401, client: 401, user: 401, depot: 200, admin: 200 }],
  ["/nothing", "GET", { nobody: 401, client: 401, user: 401, depot: 404, admin: 404 }],
])("%s %s", async (path, method, statuses) => {
  for (const [caller, status] of Object.entries(statuses)) {
    const login = logins[caller as Caller];
    const answer = await site.send(method, path, login === undefined ? {} : { login });
    expect([caller, answer.status]).toEqual([caller, status]);
  }
});

test("an administrator who is no file administrator cannot write to the depot", async () => {
  const { LocalUsers } = await import("../auth/local-users.ts");
  await new LocalUsers(`${site.folders.configuration}/users.json`).create("half", "half", ["opsiadmin"]);
  expect((await site.send("PUT", "/depot/x", { login: "half:half", body: "x" })).text).toBe("Permission denied");
  expect((await site.send("PUT", "/workbench/x", { login: "half:half", body: "x" })).status).toBe(201);
});

test("a page of another site cannot use the login that a browser remembers", async () => {
  const status = async (method: string, path: string, from: string, mode: string) => {
    const headers = { "Sec-Fetch-Site": from, "Sec-Fetch-Mode": mode, "Content-Type": "text/plain" };
    return (await site.send(method, path, { login: admin, headers })).status;
  };
  for (const mode of ["no-cors", "cors", "navigate"]) {
    expect(await status("GET", "/rpc?1", "cross-site", mode)).toBe(403);
    expect(await status("POST", "/rpc", "cross-site", mode)).toBe(403);
    expect(await status("POST", "/welcome/deactivate", "cross-site", mode)).toBe(403);
  }
  expect(await status("GET", "/admin/session-list", "cross-site", "no-cors")).toBe(403);
  expect(await status("GET", "/admin/", "cross-site", "navigate")).toBe(200);
  expect(await status("GET", "/status/short", "cross-site", "no-cors")).toBe(200);
  expect(await status("HEAD", "/rpc", "same-origin", "cors")).toBe(200);
});
