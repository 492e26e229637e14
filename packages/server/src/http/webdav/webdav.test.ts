import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, startTestSite, type TestSite, user } from "../test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array) =>
  site.send(method, path, { login: admin, headers, ...(body === undefined ? {} : { body }) });
const depot = (...names: string[]) => join(site.folders.depot, ...names);
const workbench = (...names: string[]) => join(site.folders.workbench, ...names);

test("what was uploaded comes back, whole and in parts", async () => {
  const content = randomBytes(3_000_000);
  expect((await send("PUT", "/depot/big.bin", {}, content)).status).toBe(201);
  const whole = await send("GET", "/depot/big.bin");
  expect(createHash("sha256").update(whole.body).digest("hex")).toBe(
    createHash("sha256").update(content).digest("hex"),
  );
  const part = await send("GET", "/depot/big.bin", { range: "bytes=1000000-1999999" });
  expect([part.status, part.headers["content-range"]]).toEqual([206, "bytes 1000000-1999999/3000000"]);
  expect(part.body.equals(content.subarray(1_000_000, 2_000_000))).toBe(true);
  const etag = whole.headers["etag"] ?? "";
  expect((await send("GET", "/depot/big.bin", { "if-none-match": etag })).status).toBe(304);
  expect((await send("PUT", "/depot/big.bin", { "if-match": '"other"' }, "x")).status).toBe(412);
  expect(statSync(depot("big.bin")).size).toBe(3_000_000);
});

test("an upload that breaks off leaves the old file and nothing else", async () => {
  await send("PUT", "/workbench/kept.txt", {}, "old");
  const { cookie } = await site.send("HEAD", "/rpc", { login: admin });
  const head = `PUT /workbench/kept.txt HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nContent-Length: 100000\r\n\r\n`;
  await new Promise<void>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: site.port, rejectUnauthorized: false }, () => {
      socket.write(`${head}${"n".repeat(50_000)}`);
      const begun = () => readdirSync(workbench()).some((name) => name.startsWith("."));
      expect
        .poll(begun)
        .toBe(true)
        .finally(() => socket.destroy());
    });
    socket.on("close", () => resolve());
  });
  await expect.poll(() => readdirSync(workbench()).filter((name) => name.startsWith("."))).toEqual([]);
  expect(readFileSync(workbench("kept.txt"), "utf8")).toBe("old");
});

test("a file that gets shorter while it is sent cuts the connection, and the log says why", async () => {
  writeFileSync(workbench("shrinking"), "");
  truncateSync(workbench("shrinking"), 500_000_000);
  const { cookie } = await site.send("HEAD", "/rpc", { login: admin });
  const received = await new Promise<number>((resolve) => {
    let bytes = 0;
    const socket = connect({ host: "127.0.0.1", port: site.port, rejectUnauthorized: false }, () =>
      socket.write(`GET /workbench/shrinking HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`),
    );
    socket.on("data", (data: Buffer) => {
      if (bytes === 0) truncateSync(workbench("shrinking"), 1000);
      bytes += data.length;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(bytes));
  });
  expect(received).toBeLessThan(500_000_000);
  expect(site.lines.filter((line) => line.includes("/workbench/shrinking"))).toEqual([
    expect.stringContaining("The file became shorter while it was sent"),
  ]);
});

test("a replaced file keeps its permissions", async () => {
  writeFileSync(workbench("run.sh"), "#!/bin/sh");
  chmodSync(workbench("run.sh"), 0o770);
  expect((await send("PUT", "/workbench/run.sh", {}, "#!/bin/sh\nexit")).status).toBe(204);
  expect(statSync(workbench("run.sh")).mode & 0o777).toBe(0o770);
});

test("the depot forgives case: for reading, replacing and what is new below", async () => {
  mkdirSync(depot("Prod"));
  writeFileSync(depot("Prod", "Setup.TXT"), "one");
  expect((await site.send("GET", "/depot/prod/setup.txt", { login: user })).text).toBe("one");
  expect((await send("PUT", "/depot/PROD/SETUP.txt", {}, "two")).status).toBe(204);
  expect(readFileSync(depot("Prod", "Setup.TXT"), "utf8")).toBe("two");
  expect((await send("PUT", "/depot/prod/New.txt", {}, "new")).status).toBe(201);
  expect((await send("MKCOL", "/depot/PROD/Sub")).status).toBe(201);
  expect(readdirSync(depot("Prod")).sort()).toEqual(["New.txt", "Setup.TXT", "Sub"]);
  // only the spelling changes
  expect((await send("MOVE", "/depot/Prod/New.txt", { destination: "/depot/Prod/NEW.txt" })).status).toBe(204);
  expect(readdirSync(depot("Prod"))).toContain("NEW.txt");
  expect((await send("GET", "/repository/BIG.bin")).status).toBe(404);
});

test.each([
  "/public/../workbench/secret",
  "/public/%2e%2e/workbench/secret",
  "/public/..%2fworkbench%2fsecret",
  "/public/..%5cworkbench%5csecret",
  "/public/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fhosts",
  "/public/x%00/../../workbench/secret",
  "/dav/public/../workbench/secret",
  "/dav/publicx/../workbench/secret",
  "/public//../workbench/secret",
  "/public/%ff",
  "/public/.opsi-upload-0123456789abcdef",
])("nobody gets out of a folder by %s", async (path) => {
  writeFileSync(workbench("secret"), "secret");
  writeFileSync(join(site.folders.public, ".opsi-upload-0123456789abcdef"), "half");
  const answer = await site.send("GET", path);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.text).not.toContain("secret\n");
  expect(answer.text).not.toBe("secret");
});

test("links are followed inside a folder and not out of it", async () => {
  const open = site.folders.public;
  mkdirSync(join(open, "real"));
  writeFileSync(join(open, "real", "file"), "inside");
  symlinkSync("real", join(open, "alias"));
  symlinkSync(site.folders.configuration, join(open, "out"));
  symlinkSync(join(site.folders.configuration, "opsi.conf"), join(open, "conf"));
  symlinkSync("nowhere", join(open, "broken"));
  expect((await site.send("GET", "/public/alias/file")).text).toBe("inside");
  expect((await site.send("GET", "/public/out/opsi.conf")).status).toBe(403);
  expect((await site.send("GET", "/public/conf")).status).toBe(403);
  const list = await site.send("PROPFIND", "/public/", { headers: { depth: "1" } });
  expect(list.text).toContain("/public/alias/");
  for (const hidden of ["/public/out", "/public/conf", "/public/broken", "opsi-upload"])
    expect(list.text).not.toContain(hidden);
});

test("a link that leads back up does not make a list without end", async () => {
  mkdirSync(workbench("loop"));
  symlinkSync("..", workbench("loop", "up"));
  const { status, body } = await send("PROPFIND", "/workbench/loop/", { depth: "infinity" });
  expect(status).toBe(207);
  expect(body.length).toBeLessThan(5_000_000);
  expect((await send("COPY", "/workbench/loop", { destination: "/workbench/loop2" })).status).toBeLessThan(600);
  await send("DELETE", "/workbench/loop");
  expect(existsSync(workbench("kept.txt"))).toBe(true);
});

test("href is the first child of response, propstat the second", async () => {
  const { text } = await send("PROPFIND", "/depot/big.bin", { depth: "0" });
  expect(text).toMatch(
    /^<\?xml version='1.0' encoding='UTF-8'\?>\n<D:multistatus xmlns:D="DAV:"><D:response><D:href>\/depot\/big.bin<\/D:href><D:propstat>/,
  );
});

test("depth infinity below /dav shows all folders", async () => {
  const { status, text } = await send("PROPFIND", "/dav/", { depth: "infinity" });
  expect(status).toBe(207);
  expect(text).toContain("<D:href>/dav/depot/big.bin</D:href>");
});

test("propname names the properties", async () => {
  const { text } = await send(
    "PROPFIND",
    "/depot/big.bin",
    { depth: "0" },
    '<propfind xmlns="DAV:"><propname/></propfind>',
  );
  expect(text).toContain("<D:getetag/>");
});

test("a file copied onto the folder that holds it destroys nothing", async () => {
  mkdirSync(workbench("holder"));
  writeFileSync(workbench("holder", "file"), "x");
  expect((await send("COPY", "/workbench/holder/file", { destination: "/workbench/holder" })).status).toBe(403);
  expect((await send("MOVE", "/workbench/holder", { destination: "/workbench/holder/in" })).status).toBe(403);
  expect(readFileSync(workbench("holder", "file"), "utf8")).toBe("x");
});

test("a folder is copied with times, replaced and moved", async () => {
  mkdirSync(workbench("src", "deep"), { recursive: true });
  writeFileSync(workbench("src", "deep", "file"), "x");
  utimesSync(workbench("src", "deep", "file"), 1_700_000_000, 1_700_000_000);
  expect((await send("COPY", "/workbench/src", { destination: "/workbench/dst" })).status).toBe(201);
  expect(statSync(workbench("dst", "deep", "file")).mtimeMs).toBe(1_700_000_000_000);
  writeFileSync(workbench("src", "more"), "y");
  expect((await send("MOVE", "/workbench/src", { destination: "/workbench/dst" })).status).toBe(204);
  expect(readdirSync(workbench("dst")).sort()).toEqual(["deep", "more"]);
  expect(existsSync(workbench("src"))).toBe(false);
});

test("the folders themselves cannot be written, moved or deleted", async () => {
  for (const method of ["PUT", "DELETE", "MKCOL"]) {
    expect((await send(method, "/workbench/")).status).toBeGreaterThanOrEqual(400);
    expect((await send(method, "/workbench")).status).toBeGreaterThanOrEqual(400);
  }
  const moved = await send("MOVE", "/workbench/", { destination: "/workbench/x" });
  expect(moved.status).toBe(403);
  expect(existsSync(workbench("kept.txt"))).toBe(true);
});

const lockinfo = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>';

test("a lock set through /dav holds for the folder's own address", async () => {
  const lock = await send("LOCK", "/dav/depot/big.bin", {}, lockinfo);
  expect((await send("PUT", "/depot/big.bin", {}, "x")).status).toBe(423);
  const token = lock.headers["lock-token"] ?? "";
  expect((await send("PUT", "/depot/big.bin", { if: `(<${token}>)` }, "x")).status).toBe(204);
  expect((await send("UNLOCK", "/depot/big.bin", { "lock-token": `<${token}>` })).status).toBe(204);
});

test("nobody locks or changes what may only be read", async () => {
  expect((await site.send("LOCK", "/public/x", { body: lockinfo })).status).toBe(403);
  writeFileSync(join(site.folders.public, "p.txt"), "p");
  expect((await site.send("DELETE", "/public/p.txt")).status).toBe(403);
  const patch = '<propertyupdate xmlns="DAV:"><set><prop><x xmlns="urn:x">1</x></prop></set></propertyupdate>';
  expect((await site.send("PROPPATCH", "/public/p.txt", { body: patch })).status).toBe(403);
});

test("odd names survive the way there and back", async () => {
  for (const name of ["mit Leerzeichen", "größe & <x>", "50%25", "a#b?c", "日本語", "😀", "'\"[]{}"]) {
    const path = `/workbench/${encodeURIComponent(name)}`;
    expect((await send("PUT", path, {}, name)).status).toBe(201);
    expect(readFileSync(workbench(name), "utf8")).toBe(name);
    expect((await send("GET", path)).text).toBe(name);
  }
  expect((await send("GET", `/workbench/${"x".repeat(300)}`)).status).toBe(404);
  expect((await send("PUT", `/workbench/${"x".repeat(300)}`, {}, "x")).status).toBe(400);
});

test("a folder page links to what is in it", async () => {
  const page = await send("GET", "/workbench/");
  expect(page.text).toContain('<a href="./kept.txt">kept.txt</a>');
  expect(page.text).not.toContain("<x>");
  expect((await send("GET", "/workbench/holder")).headers["location"]).toBe("/workbench/holder/");
});

test("many at once, of which some stop reading, do not disturb each other", async () => {
  writeFileSync(workbench("long"), "");
  truncateSync(workbench("long"), 100_000_000);
  const { cookie } = await site.send("HEAD", "/rpc", { login: admin });
  const stalled = Array.from({ length: 5 }, () => {
    const socket = connect({ host: "127.0.0.1", port: site.port, rejectUnauthorized: false });
    socket.on("error", () => undefined);
    socket.write(`GET /workbench/long HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
    return socket;
  });
  await Promise.all(stalled.map((socket) => once(socket, "readable")));
  const downloads = Array.from({ length: 20 }, () => send("GET", "/depot/Prod/Setup.TXT"));
  expect((await Promise.all(downloads)).every(({ text }) => text === "two")).toBe(true);
  for (const socket of stalled) socket.destroy();
});
