import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, startTestSite, type TestSite, user } from "./test-site.ts";

let site: TestSite;
const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
beforeAll(async () => {
  site = await startTestSite(["--max-auth-failures", "3", "--session-lifetime", "50"]);
  site.hosts.push({
    id: "pc1.corpus.test",
    type: "OpsiClient",
    opsiHostKey: key,
    hardwareAddress: "52:54:00:aa:bb:01",
  });
});
afterAll(() => site[Symbol.asyncDispose]());

const forwarded = (address: string) => ({ "x-forwarded-for": address });

test("of what a program says about itself only the beginning is kept", async () => {
  const headers = { "user-agent": `tool/1 ${"x".repeat(30_000)}` };
  const { cookie } = await site.send("HEAD", "/rpc", { login: user, headers });
  expect(cookie).not.toBeNull();
  const sessions = (await site.send("GET", "/admin/session-list", { login: admin })).json() as { user_agent: string }[];
  const agents = sessions.map(({ user_agent: agent }) => agent).filter((agent) => agent.startsWith("tool/1"));
  expect(agents.map(({ length }) => length)).toEqual([300]);
});

test("a login gives a cookie that makes credentials unnecessary, until the logout", async () => {
  const login = await site.send("HEAD", "/rpc", { login: user });
  expect(login.headers["set-cookie"]).toMatch(
    /^opsiconfd-session=[0-9a-f]{32}; SameSite=Strict; Secure; path=\/; Max-Age=50$/,
  );
  const cookie = login.cookie ?? "";
  const rpc = await site.send("POST", "/rpc", { headers: { cookie }, body: "{}" });
  expect(rpc.json()).toMatchObject({ user: "plainuser", length: 2 });
  expect(rpc.headers["x-opsi-user-id"]).toBe("user:plainuser");
  // credentials beside a valid session are not looked at
  expect((await site.send("HEAD", "/rpc", { headers: { cookie }, login: admin })).headers["x-opsi-user-id"]).toBe(
    "user:plainuser",
  );
  const logout = await site.send("GET", "/auth/logout", { headers: { cookie } });
  expect([logout.json(), logout.headers["set-cookie"]]).toEqual([
    "session deleted",
    expect.stringContaining("Max-Age=0"),
  ]);
  expect((await site.send("HEAD", "/rpc", { headers: { cookie } })).status).toBe(401);
});

test("a method that ends the session takes the cookie away", async () => {
  const { cookie } = await site.send("HEAD", "/rpc", { login: user });
  const exit = await site.send("POST", "/rpc", { headers: { cookie: cookie ?? "" }, body: "exit" });
  expect(exit.headers["set-cookie"]).toContain("Max-Age=0");
  expect((await site.send("HEAD", "/rpc", { headers: { cookie: cookie ?? "" } })).status).toBe(401);
});

test("the client chooses the lifetime within limits", async () => {
  for (const [wish, seconds] of [
    ["3600", 3600],
    ["0", 50],
    ["86401", 50],
    ["x", 50],
  ] as const) {
    const { headers } = await site.send("HEAD", "/rpc", { login: user, headers: { "x-opsi-session-lifetime": wish } });
    expect(headers["set-cookie"]).toContain(`Max-Age=${seconds}`);
  }
});

test("a host that logs in with its hardware address is told its name, and its login is noted", async () => {
  const login = `52:54:00:AA:BB:01:${key}`;
  const { headers } = await site.send("HEAD", "/rpc", { login, headers: forwarded("192.0.2.7") });
  expect(headers).toMatchObject({
    "x-opsi-new-host-id": "pc1.corpus.test",
    "x-opsi-user-id": "client:pc1.corpus.test",
  });
  expect(site.notes).toContain("pc1.corpus.test logged in from 192.0.2.7");
});

test("/auth/login switches the user, and a failed attempt leaves who was there", async () => {
  const { cookie } = await site.send("POST", "/auth/login", { json: { username: "PlainUser", password: "plainuser" } });
  const headers = { cookie: cookie ?? "" };
  const failed = await site.send("POST", "/auth/login", { headers, json: { username: "adminuser", password: "no" } });
  expect(failed.json()).toMatchObject({ class: "OpsiServiceAuthenticationError", status: 401, code: null });
  expect((await site.send("POST", "/rpc", { headers, body: "{}" })).json()).toMatchObject({ user: "plainuser" });
  const switched = await site.send("POST", "/auth/login", {
    headers,
    json: { username: "adminuser", password: "adminuser" },
  });
  expect(switched.json()).toMatchObject({ is_admin: true });
  expect((await site.send("GET", "/admin/app-state", { headers })).status).toBe(200);
});

test.each([
  [{ json: { username: "a" } }],
  [{ json: [1] }],
  [{ body: "username=a&password=b", headers: { "content-type": "application/x-www-form-urlencoded" } }],
  [{ body: "{", headers: { "content-type": "application/json" } }],
])("/auth/login refuses %j as not valid", async (options) => {
  const answer = await site.send("POST", "/auth/login", options);
  expect(answer.status).toBe(422);
  expect(answer.json()).toMatchObject({
    class: "RequestValidationError",
    message: expect.stringMatching(/^Validation error: /),
  });
});

test("failures block an address: the attempt after the last is still looked at, then nobody gets in", async () => {
  const headers = forwarded("192.0.2.50");
  const started = performance.now();
  for (let count = 0; count < 3; count++) {
    const { status, text } = await site.send("GET", "/depot/", { login: "pc1.corpus.test:wrong", headers });
    expect([status, text]).toEqual([401, "Authentication error"]);
  }
  expect(performance.now() - started).toBeGreaterThan(600);
  const login = `pc1.corpus.test:${key}`;
  const { cookie, status } = await site.send("HEAD", "/rpc", { login, headers });
  expect(status).toBe(200);
  const blocked = await site.send("GET", "/depot/", { login, headers });
  expect([blocked.status, blocked.text]).toEqual([403, "Client '192.0.2.50' is blocked"]);
  // a session that is there already goes on
  expect((await site.send("HEAD", "/rpc", { headers: { ...headers, cookie: cookie ?? "" } })).status).toBe(200);
  expect((await site.send("GET", "/admin/blocked-clients", { login: admin })).json()).toEqual(["192.0.2.50"]);
  await site.send("POST", "/admin/unblock-client", { login: admin, json: { client_addr: "192.0.2.50" } });
  expect((await site.send("HEAD", "/rpc", { login, headers })).status).toBe(200);
});

test("parallel guesses of a user's password are counted one by one", async () => {
  const headers = forwarded("192.0.2.51");
  const guesses = Array.from({ length: 8 }, (_, count) =>
    site.send("HEAD", "/rpc", { login: `adminuser:${count}`, headers }),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  // three failures, the one that sets the block, then none is computed any more
  expect(statuses.filter((status) => status === 401)).toHaveLength(4);
  expect(statuses.filter((status) => status === 403)).toHaveLength(4);
});

test("a session id is given out and can be logged in later", async () => {
  const given = await site.send("GET", "/auth/session_id");
  const id = given.json();
  const headers = { cookie: `opsiconfd-session=${id}` };
  expect((await site.send("GET", "/auth/session_id", { headers })).json()).toBe(id);
  expect((await site.send("GET", "/auth/wait_authenticated", { headers })).json()).toBe(false);
  const waiting = site.send("POST", `/auth/wait_authenticated?session_id=${id}`, { json: { wait_time: 10 } });
  await site.send("POST", "/auth/login", { headers, json: { username: "plainuser", password: "plainuser" } });
  expect((await waiting).json()).toBe(true);
});

test("programs that never send cookies get none and leave no session", async () => {
  const { headers } = await site.send("HEAD", "/rpc", {
    login: user,
    headers: { "user-agent": "curl/8.5", ...forwarded("192.0.2.52") },
  });
  expect(headers["set-cookie"]).toBeUndefined();
  const sessions = (await site.send("GET", "/admin/session-list", { login: admin })).json() as { address: string }[];
  expect(sessions.filter(({ address }) => address === "192.0.2.52")).toEqual([]);
});

test("an address has thirty sessions", async () => {
  const login = `pc1.corpus.test:${key}`;
  const headers = { ...forwarded("192.0.2.70"), "user-agent": "many" };
  for (let count = 0; count < 30; count++) await site.send("HEAD", "/rpc", { login, headers });
  const { status, text } = await site.send("GET", "/depot/", { login, headers });
  expect([status, text]).toEqual([403, "Too many sessions from 192.0.2.70 / many, maximum is: 30"]);
});

test("an opsi-configed that is too old is told so", async () => {
  const send = (agent: string) => site.send("GET", "/rpc", { login: admin, headers: { "user-agent": agent } });
  expect((await send("opsi config editor 4.2.0")).json()).toMatchObject({
    error: "Configed 4.2.0 is not allowed to connect (min-configed-version: 4.3.2.18)",
  });
  expect((await send("opsi config editor 4.3.2.18")).status).toBe(200);
  expect((await send("opsi config editor 4.10")).status).toBe(200);
  expect((await send("opsi config editor")).status).toBe(426);
});

test("a file of users that cannot be read is told in the log", async () => {
  const path = join(site.folders.configuration, "users.json");
  const before = readFileSync(path);
  writeFileSync(path, "{");
  const { status } = await site.send("HEAD", "/rpc", { login: user, headers: forwarded("192.0.2.80") });
  writeFileSync(path, before);
  expect(status).toBe(500);
  expect(site.lines.join("\n")).toMatch(/login could not be checked.*users\.json: this is not valid JSON/s);
});
