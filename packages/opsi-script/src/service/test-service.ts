import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { newCa } from "../../../protocol/src/testing/certificates.ts";
import type { ServiceLogin } from "./messages.ts";

const server = `
const { createServer } = require("node:https");
const { parentPort, workerData } = require("node:worker_threads");
const { certificate, answers, loginMilliseconds } = workerData;
const listener = createServer(certificate, (request, response) => {
  if (request.method === "HEAD") return setTimeout(() => response.end(), loginMilliseconds);
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const { id, method } = JSON.parse(Buffer.concat(parts).toString());
    parentPort.postMessage(method);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method] ?? null }));
  });
});
listener.listen(0, "127.0.0.1", () => parentPort.postMessage(listener.address().port));
`;

/**
 * A service that gives the same answer to each call of a method, for tests; in a thread, because calls block theirs.
 * `calls` grows while the test waits.
 */
export async function startTestService(answers: Readonly<Record<string, unknown>>, loginMilliseconds = 0) {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "opsi-test-service-"));
  opening.defer(() => rm(folder, { recursive: true }));
  const ca = await newCa();
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, ca.pem);
  const workerData = { certificate: await ca.issue(), answers, loginMilliseconds };
  const thread = new Worker(server, { eval: true, workerData });
  opening.defer(async () => void (await thread.terminate()));
  const [port] = (await once(thread, "message")) as [number];
  const calls: string[] = [];
  thread.on("message", (method: string) => calls.push(method));
  const url = `https://127.0.0.1:${port}`;
  const login: ServiceLogin = { url, username: "u", password: "p", userAgent: "test", caFile };
  const running = opening.move();
  return { login, folder, calls, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
