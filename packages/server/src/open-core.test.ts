import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceClient } from "@opsi-ts/protocol";
import { expect, onTestFinished, test } from "vitest";
import { readConfiguration } from "./configuration/read-options.ts";
import { openCore } from "./open-core.ts";
import { startServer } from "./start-server.ts";

test("a site can do without deprecated methods", async () => {
  const root = await mkdtemp(join(tmpdir(), "open-core-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const configuration = readConfiguration({
    commandLine: ["--interface", "127.0.0.1", "--port", "0", "--provide-deprecated-methods", "false"],
    environment: { OPSI_ADMIN_PASSWORD: "secret word" },
    defaultRoot: root,
    hostName: "server.example.org",
  });
  await using server = await startServer(configuration, openCore, { stderr: () => {} });
  const login = { username: "admin", password: "secret word", verify: "none" } as const;
  await using service = await ServiceClient.connect({ url: server.url, ...login });
  await expect(service.call("powerOnHost", ["pc1.example.org"])).rejects.toThrow("Invalid method 'powerOnHost'");
  const offered = await service.call<{ name: string; deprecated: boolean }[]>("backend_getInterface");
  expect(offered.map(({ name }) => name)).toContain("hostControl_start");
  expect(offered.filter(({ deprecated }) => deprecated)).toEqual([]);
  await server.certificatesReady; // it writes files
});
