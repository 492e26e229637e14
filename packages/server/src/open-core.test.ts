import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceClient } from "@opsi-ts/protocol";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConfiguration } from "./configuration/read-options.ts";
import { openCore } from "./open-core.ts";
import { startServer } from "./start-server.ts";

async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "open-core-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

const start = (root: string, ...words: readonly string[]) =>
  startServer(
    readConfiguration({
      commandLine: ["--interface", "127.0.0.1", "--port", "0", ...words],
      environment: { OPSI_ADMIN_PASSWORD: "secret word" },
      defaultRoot: root,
      hostName: "server.example.org",
    }),
    openCore,
    { stderr: () => {} },
  );

const connect = (url: string) =>
  ServiceClient.connect({ url, username: "admin", password: "secret word", verify: "none" });

test("a site can do without deprecated methods", async () => {
  await using server = await start(await newRoot(), "--provide-deprecated-methods", "false");
  await using service = await connect(server.url);
  await expect(service.call("powerOnHost", ["pc1.example.org"])).rejects.toThrow("Invalid method 'powerOnHost'");
  const offered = await service.call<{ name: string; deprecated: boolean }[]>("backend_getInterface");
  expect(offered.map(({ name }) => name)).toContain("hostControl_start");
  expect(offered.filter(({ deprecated }) => deprecated)).toEqual([]);
  await server.certificatesReady; // it writes files
});

test("a start removes what belongs to nothing", async () => {
  const root = await newRoot();
  const states = async (between: (service: ServiceClient) => Promise<unknown>) => {
    await using server = await start(root);
    await using service = await connect(server.url);
    await between(service);
    const found = await service.call<string[]>("configState_getIdents", []);
    await server.certificatesReady;
    return found;
  };
  const drive = "clientconfig.depot.drive";
  const before = await states(async (service) => {
    await service.call("configState_create", [drive, "gone.example.org", ["q:"]]);
    await service.call("configState_create", [drive, "server.example.org", ["q:"]]);
  });
  expect(before).toEqual([`${drive};gone.example.org`, `${drive};server.example.org`]);
  expect(await states(async () => {})).toEqual([`${drive};server.example.org`]);
});

test("a running server takes an extension over, and one that loops keeps nobody waiting", async () => {
  const root = await newRoot();
  const folder = join(root, "etc/opsi/backendManager/extend.d");
  await mkdir(folder, { recursive: true });
  const file = (name: string, run: string) =>
    `export default { name: "${name}", doc: "A test.", parameters: [], timeoutSeconds: 2, run: ${run} };\n`;
  await writeFile(join(folder, "a.js"), file("site_loop", "() => { for (;;); }"));
  await using server = await start(root);
  await using service = await connect(server.url);
  await server.certificatesReady;
  const loop = service.call("site_loop").catch((error: unknown) => error);
  await writeFile(join(folder, "b.ts"), file("site_hosts", '(service) => service.call("host_getIdents")'));
  await vi.waitFor(async () => expect(await service.call("site_hosts")).toEqual(["server.example.org"]), {
    ...{ timeout: 15_000, interval: 100 },
  });
  expect(await loop).toMatchObject({ class: "TimeoutError" });
});
