import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { PxeControl, readPxeSettings } from "./pxe-control.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pxe-"));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  [null, { enabled: false, socketPath: "/x/var/run/opsipxeconfd/opsipxeconfd.socket" }],
  ['config = {"port": "/run/ignored"}', { enabled: true, socketPath: "/x/var/run/opsipxeconfd/opsipxeconfd.socket" }],
  ['config = {"enabled": False, "socketPath": "/run/s"}', { enabled: false, socketPath: "/run/s" }],
])("settings of %s", async (content, settings) => {
  const path = join(folder, "opsipxeconfd.conf");
  if (content === null) await rm(path, { force: true });
  else await writeFile(path, content);
  expect(readPxeSettings(folder, "/x")).toEqual(settings);
});

test("the last command for a client is sent, one after the other; failures are logged", async () => {
  const socketPath = join(folder, "daemon.socket");
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.on("data", (data) => {
      received.push(data.toString());
      socket.end(data.toString().startsWith("remove") ? "(ERROR): no such client" : "Boot configuration updated");
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  const log = { info: vi.fn(), warning: vi.fn(), error: vi.fn() };
  using control = new PxeControl(() => ({ enabled: true, socketPath }), log, 5);
  control.queue("remove", "pc1.example.org");
  control.queue("update", "pc1.example.org");
  control.queue("remove", "pc2.example.org");
  await vi.waitFor(() => expect(log.error).toHaveBeenCalledOnce());
  expect(received).toEqual(["update pc1.example.org", "remove pc2.example.org"]);
  expect(log.info).toHaveBeenCalledOnce();
  server.close();
  await once(server, "close");
  control.queue("update", "pc3.example.org");
  await vi.waitFor(() => expect(log.error).toHaveBeenCalledTimes(2));
});
