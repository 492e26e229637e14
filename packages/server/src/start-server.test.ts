import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "./http/test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

test("a fresh server says that it is well", async () => {
  const { status, text, headers } = await site.send("GET", "/status/short");
  expect([status, text]).toEqual([200, "status: ok\n"]);
  expect(headers["server"]).toMatch(/^opsiconfd [\d.]+ \(uvicorn\)$/);
  expect(headers["date"]).toMatch(/ UTC$/);
});

test("who fetched the CA can verify the next connection with it", async () => {
  const { text: ca } = await site.send("GET", "/ssl/opsi-ca-cert.pem");
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: site.port, ca, servername: "server.corpus.test" }, () => {
      socket.end();
      resolve();
    });
    socket.on("error", reject);
  });
});

test("iPXE finds a cipher that it knows", async () => {
  await site.server.certificatesReady;
  const cipher = await new Promise((resolve, reject) => {
    const options = { ciphers: "AES128-SHA256", maxVersion: "TLSv1.2", rejectUnauthorized: false } as const;
    const socket = connect({ host: "127.0.0.1", port: site.port, ...options }, () => {
      resolve(socket.getCipher().name);
      socket.end();
    });
    socket.on("error", reject);
  });
  expect(cipher).toBe("AES128-SHA256");
});
