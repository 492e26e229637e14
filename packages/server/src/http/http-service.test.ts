import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allowedOrigin } from "./response-headers.ts";
import { admin, startTestSite, type TestSite, user } from "./test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite(["--max-request-size", "60"]);
});
afterAll(() => site[Symbol.asyncDispose]());

test("every response carries the headers that clients rely on", async () => {
  for (const [method, path] of [
    ["GET", "/status/short"],
    ["GET", "/nothing"],
    ["HEAD", "/public/"],
    ["GET", "/rpc"],
  ] as const) {
    const { headers } = await site.send(method, path);
    expect(headers).toMatchObject({
      server: expect.stringMatching(/^opsiconfd \d+(\.\d+)+ \(uvicorn\)$/),
      date: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d UTC$/),
      "x-date-unix-timestamp": expect.stringMatching(/^\d{10}$/),
      "x-opsi-server-role": "configserver",
      "x-opsi-worker-id": "server:1",
      "x-opsi-auth-methods": "password",
      "access-control-allow-origin": "https://127.0.0.1:4447",
      "access-control-allow-methods": "*",
      "x-frame-options": "DENY",
      "server-timing": expect.stringMatching(/request_processing;dur=\d+\.\d{3}$/),
    });
  }
});

test.each([
  ["server.example.org:4447", "", "https://server.example.org:4447"],
  ["server.example.org", "https://web.example.org:8080", "https://server.example.org:8080"],
  ["server.example.org:1", "http://web.example.org", "http://server.example.org:4447"],
  ["server.example.org", "null", "://server.example.org:4447"],
  ["", "", "https://localhost:4447"],
  ["[::1]:4447", "https://[::1]:3", "https://[::1]:3"],
  ["a\r\nx", "", "https://ax:4447"],
])("origin for host %j and origin %j", (host, origin, expected) => {
  expect(allowedOrigin(host, origin)).toBe(expected);
});

test.each<[method: string, path: string, status: number, location: string | undefined]>([
  ["GET", "/", 307, "/welcome"],
  ["GET", "/welcome", 307, "/welcome/"],
  ["GET", "/status?a=b&c=d", 307, "/status/?a=b&c=d"],
  ["POST", "/status", 307, "/status/"],
  ["GET", "/login/", 307, "/login"],
  ["GET", "/favicon.ico", 301, "/static/favicon.ico"],
  ["GET", "/%73tatus/short", 200, undefined],
  ["GET", "/status/../status/short", 404, undefined],
  ["GET", "/status//short", 404, undefined],
  ["POST", "/status/", 405, undefined],
  ["PROPFIND", "/", 405, undefined],
  ["OPTIONS", "/", 200, undefined],
])("%s %s -> %i", async (method, path, status, location) => {
  const answer = await site.send(method, path);
  expect([answer.status, answer.headers["location"]]).toEqual([status, location]);
});

test("refusals have the form that path and Accept ask for", async () => {
  const rpc = await site.send("GET", "/rpc");
  expect(rpc.json()).toEqual({ id: null, result: null, error: "Authorization header missing" });
  expect(rpc.headers["www-authenticate"]).toBe('Basic realm="opsi", charset="UTF-8"');
  expect(rpc.headers["x-opsi-error"]).toBe("Authorization header missing");
  const json = await site.send("GET", "/depot/", { headers: { accept: "text/html, application/json" } });
  expect(json.json()).toEqual({ error: "Authorization header missing" });
  const silent = await site.send("GET", "/depot/", { headers: { "x-requested-with": "XMLHttpRequest" } });
  expect([silent.status, silent.headers["www-authenticate"], silent.text]).toEqual([
    401,
    undefined,
    "Authorization header missing",
  ]);
  const page = await site.send("GET", "/admin/");
  expect([page.status, page.headers["location"]]).toEqual([307, "/login?redirect=/admin/"]);
});

test("a wrong password is ignored where none is needed", async () => {
  const answer = await site.send("GET", "/status/short", { login: "nobody:wrong" });
  expect([answer.status, answer.headers["x-opsi-user-id"]]).toEqual([200, undefined]);
});

test("requests reach the RPC service whole: 50 MB, in chunks, by query", async () => {
  const big = await site.send("POST", "/rpc", { login: user, body: Buffer.alloc(50_000_000, 97) });
  expect(big.json()).toMatchObject({ length: 50_000_000 });
  const query = await site.send("GET", "/rpc/anything?%7B%22method%22%3A1%7D", { login: user });
  expect(query.json()).toMatchObject({ length: 0, query: "%7B%22method%22%3A1%7D" });
});

test("a body that is too large is refused with a reason, and the connection lives on", async () => {
  const answer = await site.send("POST", "/rpc", { login: user, body: Buffer.alloc(61_000_000) });
  expect(answer.status).toBe(413);
  expect(answer.json()).toMatchObject({ error: expect.stringContaining("larger than 60 MB") });
  expect((await site.send("GET", "/status/short")).status).toBe(200);
});

test.each([
  ["GET /status/short HTTP/1.0\r\n\r\n", 200],
  ["GET https://server.corpus.test:4447/status/short HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200],
  ["GET /status/short HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
  ["GARBAGE\r\n\r\n", 400],
  ["GET /status/short HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n", 400],
  [`GET /status/short HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(70_000)}\r\n\r\n`, 431],
])("odd HTTP %#", async (text, status) => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: site.server.port, rejectUnauthorized: false }, () =>
      socket.write(text),
    );
    let received = "";
    socket.on("data", (data) => {
      received += data;
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test("in maintenance only exceptions get in, the others are told when to come back", async () => {
  const other = { headers: { "x-forwarded-for": "192.0.2.1" } };
  const set = { type: "maintenance", retry_after: 30, message: "Moving", auto_add_to_address_exceptions: true };
  const state = await site.send("POST", "/admin/app-state", { login: admin, json: set });
  expect(state.json()).toMatchObject({ type: "maintenance", address_exceptions: ["127.0.0.1/32", "::1/128"] });
  const { status, text, headers } = await site.send("GET", "/status/short", other);
  expect([status, text, headers["retry-after"]]).toEqual([503, "Moving", "30"]);
  expect((await site.send("GET", "/status/short")).status).toBe(200);
  await site.send("POST", "/admin/app-state", { login: admin, json: { type: "normal" } });
  expect((await site.send("GET", "/status/short", other)).status).toBe(200);
});

test("the welcome page goes away for good", async () => {
  expect((await site.send("GET", "/welcome/")).text).toContain("server.corpus.test");
  await site.send("POST", "/welcome/deactivate");
  expect((await site.send("GET", "/")).headers["location"]).toBe("/admin");
  const file = join(site.folders.configuration, "opsiconfd.conf");
  expect(readFileSync(file, "utf8")).toContain("welcome-page = false");
  const { ino } = statSync(file);
  await site.send("POST", "/welcome/deactivate");
  expect(statSync(file).ino).toBe(ino); // not written again
});

test("networks that may not connect are refused", async () => {
  await using closed = await startTestSite(["--networks", "192.0.2.0/24"]);
  const headers = { "x-forwarded-for": "198.51.100.1" };
  const answer = await closed.send("GET", "/status/short", { headers });
  expect([answer.status, answer.text]).toEqual([403, "Host '198.51.100.1' is not allowed to connect"]);
  expect(
    (await closed.send("GET", "/status/short", { headers: { "x-forwarded-for": "1.1.1.1, 192.0.2.9" } })).status,
  ).toBe(200);
  expect((await closed.send("GET", "/status/short")).status).toBe(200);
});

test("outside of the administrators' networks nobody is one", async () => {
  await using far = await startTestSite(["--admin-networks", "192.0.2.0/24"]);
  const send = (address: string) =>
    far.send("GET", "/admin/app-state", { login: admin, headers: { "x-forwarded-for": address } });
  expect((await send("198.51.100.1")).text).toBe("Permission denied");
  expect((await send("192.0.2.1")).status).toBe(200);
});
