import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestSite } from "./site.ts";

/** Scripts write what they do to a file whose name comes with them: the order of the lines is the order of the work. */
const appendLine = (file: string, line: string) => `[Actions]
ShellInAnIcon_append

[ShellInAnIcon_append]
echo "${line}" >> "${file}"
`;

let site: TestSite;
beforeAll(async () => {
  site = await TestSite.start();
});
afterAll(() => site[Symbol.asyncDispose]());

const minutes = 60_000;

test("a package that an administrator makes reaches a client", { timeout: 2 * minutes }, async () => {
  const greeting = join(site.folder, "greeting.txt");
  await site.opsi("package", "new", "--help");
  await site.installPackage({ id: "greeting", setup: appendLine(greeting, "hello from opsi") });
  const client = await site.newClient("pc1.example.org");
  await site.opsi("client-action", "set-action-request", "--clients", client.id, "--products", "greeting");
  expect(await client.product("greeting")).toMatchObject({
    actionRequest: "setup",
    installationStatus: "not_installed",
  });

  expect((await client.processEvent()).code).toBe(0);

  expect(await readFile(greeting, "utf8")).toBe("hello from opsi\n");
  expect(await client.product("greeting")).toMatchObject({
    installationStatus: "installed",
    actionRequest: "none",
    actionResult: "successful",
    lastAction: "setup",
    productVersion: "1.0",
    packageVersion: "1",
  });
  expect(await site.call("log_read", "instlog", client.id)).toContain("greeting");
  expect(await site.call("log_read", "clientconnect", client.id)).toContain("on_demand");

  const again = await client.processEvent();
  expect(again.code).toBe(0);
  expect(await readFile(greeting, "utf8")).toBe("hello from opsi\n");
});

test("what a product needs is installed before it", { timeout: 2 * minutes }, async () => {
  const order = join(site.folder, "order.txt");
  await site.installPackage({ id: "runtime", priority: -50, setup: appendLine(order, "runtime") });
  await site.installPackage({ id: "editor", priority: 50, needs: ["runtime"], setup: appendLine(order, "editor") });
  const client = await site.newClient("pc2.example.org");
  await site.opsi("client-action", "set-action-request", "--clients", client.id, "--products", "editor");
  expect((await client.processEvent()).code).toBe(0);
  expect(await readFile(order, "utf8")).toBe("runtime\neditor\n");
  expect(await client.product("runtime")).toMatchObject({ installationStatus: "installed", actionRequest: "none" });
});

test("a script that fails is reported as failed, with its log", { timeout: 2 * minutes }, async () => {
  const setup = '[Actions]\nLogError "the licence server is away"\nisFatalError "no licence"\n';
  await site.installPackage({ id: "failing", setup });
  const client = await site.newClient("pc3.example.org");
  await site.opsi("client-action", "set-action-request", "--clients", client.id, "--products", "failing");
  await client.processEvent();
  expect(await client.product("failing")).toMatchObject({
    actionResult: "failed",
    installationStatus: "unknown",
    actionRequest: "none",
    lastAction: "setup",
  });
  expect(await site.call("log_read", "instlog", client.id)).toContain("the licence server is away");
});

test("an administrator triggers the event at an agent that is waiting", { timeout: 2 * minutes }, async () => {
  const file = join(site.folder, "triggered.txt");
  await site.installPackage({ id: "triggered", setup: appendLine(file, "now") });
  const client = await site.newClient("pc4.example.org");
  await client.isReachable();
  await using agent = client.start();
  await agent.says("control server has a new certificate"); // the service speaks to nobody else
  await site.opsi("client-action", "set-action-request", "--clients", client.id, "--products", "triggered");
  await site.opsi("client-action", "trigger-event", "--clients", client.id, "--event", "on_demand");
  await expect
    .poll(() => client.product("triggered"), { timeout: minutes, interval: 500 })
    .toMatchObject({ installationStatus: "installed", actionRequest: "none" });
});

describe("when things go wrong", () => {
  /** Says when it has begun, then waits until it may go on. */
  const slowScript = (begun: string, mayGoOn: string, done: string) => `[Actions]
ShellInAnIcon_work

[ShellInAnIcon_work]
echo begun >> "${begun}"
until [ -e "${mayGoOn}" ]; do sleep 0.1; done
echo done >> "${done}"
`;

  const appears = (path: string) =>
    expect.poll(() => readFile(path, "utf8").catch(() => ""), { timeout: minutes, interval: 100 }).not.toBe("");

  test("the service is cut off during an installation and comes back", { timeout: 4 * minutes }, async () => {
    const [begun, mayGoOn, done] = [
      join(site.folder, "begun-1"),
      join(site.folder, "go-1"),
      join(site.folder, "done-1"),
    ];
    await site.installPackage({ id: "slow-one", setup: slowScript(begun, mayGoOn, done) });
    const client = await site.newClient("pc5.example.org");
    await site.opsi("client-action", "set-action-request", "--clients", client.id, "--products", "slow-one");
    await using agent = client.start("--event", "on_demand");
    await appears(begun);
    await site.server.powerOff();
    await writeFile(mayGoOn, "");
    await appears(done);
    await site.restart();
    await agent.finished();
    expect(await readFile(done, "utf8")).toBe("done\n");
    expect(await client.product("slow-one")).toMatchObject({ installationStatus: "installed", actionRequest: "none" });
  });

  test("the client loses power in the middle: the product is installed at the next start", {
    timeout: 4 * minutes,
  }, async () => {
    const [begun, mayGoOn, done] = [
      join(site.folder, "begun-2"),
      join(site.folder, "go-2"),
      join(site.folder, "done-2"),
    ];
    await site.installPackage({ id: "slow-two", setup: slowScript(begun, mayGoOn, done) });
    const client = await site.newClient("pc6.example.org");
    await site.opsi("client-action", "set-action-request", "--clients", client.id, "--products", "slow-two");
    const first = client.start("--event", "on_demand");
    await appears(begun);
    await first.powerOff();
    expect(await client.product("slow-two")).toMatchObject({ actionRequest: "setup" });

    await writeFile(mayGoOn, "");
    expect((await client.processEvent()).code).toBe(0);
    expect(await readFile(begun, "utf8")).toBe("begun\nbegun\n");
    expect(await readFile(done, "utf8")).toBe("done\n");
    expect(await client.product("slow-two")).toMatchObject({ installationStatus: "installed", actionRequest: "none" });
  });

  test("a client with a wrong host key gets nothing and changes nothing", { timeout: 2 * minutes }, async () => {
    const client = await site.newClient("pc7.example.org");
    const [host] = await site.call<{ opsiHostKey: string }[]>("host_getObjects", [], { id: client.id });
    const key = "0".repeat(32);
    await site.call("host_updateObject", { type: "OpsiClient", id: client.id, opsiHostKey: key });
    expect((await client.processEvent()).code).not.toBe(0);
    expect(await site.call("log_read", "clientconnect", client.id)).toBe("");
    await site.call("host_updateObject", { type: "OpsiClient", id: client.id, opsiHostKey: host?.opsiHostKey });
    expect((await client.processEvent()).code).toBe(0);
  });

  test("a file that is no package is refused and leaves nothing", { timeout: 2 * minutes }, async () => {
    await mkdir(join(site.folder, "packages"), { recursive: true });
    const path = join(site.folder, "packages/broken_1.0-1.opsi");
    await writeFile(path, "this is no package");
    const { code, stderr } = await site.tryOpsi("package", "install", path);
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken_1\.0-1\.opsi/);
    expect(await site.call("product_getIdents", "str", { id: "broken" })).toEqual([]);
    expect(await site.opsi("package", "list", "--output", "json")).not.toContain("broken");
  });
});
