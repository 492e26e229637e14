import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { newCa } from "../../../protocol/src/testing/certificates.ts";
import { SynchronousService } from "./synchronous-service.ts";

/** In a thread of its own, because calls block this one. Logging in takes a moment; each call is answered by its method. */
const server = `
const { createServer } = require("node:https");
const { parentPort, workerData } = require("node:worker_threads");
const listener = createServer(workerData, (request, response) => {
  if (request.method === "HEAD") return setTimeout(() => response.end(), 400);
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const { id, method } = JSON.parse(Buffer.concat(parts).toString());
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: method }));
  });
});
listener.listen(0, "127.0.0.1", () => parentPort.postMessage(listener.address().port));
`;

test("an answer that comes too late is not taken for that of the next call", async () => {
  const folder = await mkdtemp(join(tmpdir(), "synchronous-service-"));
  const ca = await newCa();
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, ca.pem);
  const thread = new Worker(server, { eval: true, workerData: await ca.issue() });
  const [port] = (await once(thread, "message")) as [number];
  const login = { url: `https://127.0.0.1:${port}`, username: "u", password: "p", userAgent: "test", caFile };
  const service = new SynchronousService(login, "pc1.example.org");
  try {
    // the time that is allowed on top of the timeout is 30 seconds
    expect(() => service.call("first", [], -29.95)).toThrow("No answer to first");
    expect(service.call("second", [])).toBe("second");
    expect(service.call("third", [])).toBe("third");
  } finally {
    service.close();
    await thread.terminate();
    await rm(folder, { recursive: true });
  }
});
