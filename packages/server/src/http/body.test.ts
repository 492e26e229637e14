import { readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { admin, startTestSite, type TestSite, user } from "./test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite(["--body-idle-timeout", "1", "--max-request-size", "2"]);
});
afterAll(() => site[Symbol.asyncDispose]());

/** A connection that has sent the head of a request, and what it got when it is over. */
async function begin(method: string, path: string, login: string, header: string) {
  const authorization = `Basic ${Buffer.from(login).toString("base64")}`;
  const socket = await new Promise<TLSSocket>((resolve) => {
    const made = connect({ host: "127.0.0.1", port: site.port, rejectUnauthorized: false }, () => resolve(made));
  });
  let received = "";
  socket.on("data", (data) => {
    received += data;
  });
  const over = new Promise<string>((resolve) => socket.on("close", () => resolve(received)));
  socket.on("error", () => undefined);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n${header}\r\n\r\n`);
  return { socket, over };
}

test.each([
  ["POST", "/rpc", user],
  ["POST", "/auth/login", user],
  ["POST", "/file-transfer/raw", user],
  ["PUT", "/workbench/stands", admin],
])("%s %s: a body that never comes, or stops coming, is not waited for", async (method, path, login) => {
  const nothing = await begin(method, path, login, "Content-Length: 50000");
  const some = await begin(method, path, login, "Content-Length: 50000");
  some.socket.write("x".repeat(1000));
  expect(await Promise.all([nothing.over, some.over])).toEqual(["", ""]);
  await expect.poll(() => readdirSync(site.folders.workbench)).toEqual([]);
  await expect.poll(() => readdirSync(site.folders.fileTransfer)).toEqual([]);
  expect(site.lines.filter((line) => line.includes("request failed"))).toEqual([]);
});

test("a body that comes slowly is waited for", async () => {
  const { socket, over } = await begin("PUT", "/workbench/slow", admin, "Content-Length: 10\r\nConnection: close");
  for (let sent = 0; sent < 10; sent++) {
    await sleep(200);
    socket.write("x");
  }
  expect(await over).toMatch(/^HTTP\/1.1 201 /);
});

test("a request that was refused while its body came is not carried out when the rest is there", async () => {
  const { socket, over } = await begin("POST", "/rpc", user, "Transfer-Encoding: chunked");
  const piece = Buffer.alloc(1_000_000, 32);
  for (let count = 0; count < 4; count++)
    socket.write(Buffer.concat([Buffer.from("f4240\r\n"), piece, Buffer.from("\r\n")]));
  socket.write("0\r\n\r\nGET /status/short HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const answers = await over;
  expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
  expect(site.notes.filter((note) => note.startsWith("called"))).toEqual([]);
});

test("an upload that the disk does not take is answered", async () => {
  await using file = await open(import.meta.filename);
  using _broken = vi.spyOn(Object.getPrototypeOf(file), "writev").mockRejectedValue(new Error("EIO: i/o error"));
  const answer = await site.send("PUT", "/workbench/broken", { login: admin, body: Buffer.alloc(8_000_000) });
  expect([answer.status, answer.text]).toEqual([500, "Internal server error"]);
});
