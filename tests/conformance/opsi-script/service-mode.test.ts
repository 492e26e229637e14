import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BenchSite, startSite } from "../../bench/site.ts";

const interpreter = join(import.meta.dirname, "../../../packages/opsi-script/src/main.ts");
const clientId = "pc1.example.org";
const clientKey = "0123456789abcdef0123456789abcdef";
const server = "server.example.org";

let site: BenchSite;
let work: string;

beforeAll(async () => {
  site = await startSite();
  work = await mkdtemp(join(tmpdir(), "opsi-script-service-"));
  await mkdir(join(work, "flags"));
  await site.call("host_createOpsiClient", [clientId, clientKey]);
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await rm(work, { recursive: true, force: true });
});

/** A product with a script for each request, on the depot and in a folder. */
async function product(id: string, scripts: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(work, "depot", id);
  await mkdir(folder, { recursive: true });
  const names: Record<string, string> = {};
  for (const [request, text] of Object.entries(scripts)) {
    await writeFile(join(folder, `${request}.opsiscript`), text);
    names[`${request}Script`] = `${request}.opsiscript`;
  }
  const version = { productVersion: "1.0", packageVersion: "2" };
  await site.call("product_createObjects", [
    [{ type: "LocalbootProduct", id, ...version, name: `Product ${id}`, ...names }],
  ]);
  const onDepot = {
    type: "ProductOnDepot",
    productId: id,
    productType: "LocalbootProduct",
    ...version,
    depotId: server,
  };
  await site.call("productOnDepot_createObjects", [[onDepot]]);
}

const request = (id: string, action: string) => site.call("setProductActionRequest", [id, clientId, action]);

async function state(id: string): Promise<Record<string, unknown>> {
  const [found] = (await site.call("productOnClient_getObjects", [[], { clientId, productId: id }])) as Record<
    string,
    unknown
  >[];
  return found ?? {};
}

/** As the agent calls it: the password in a file. */
async function runInterpreter(...words: string[]): Promise<{ code: number | null; log: string }> {
  const credentials = join(work, "credentials");
  await writeFile(credentials, `username=${clientId}\npassword=${clientKey}\n`, { mode: 0o600 });
  const logFile = join(work, "opsi-script.log");
  const parameters = [
    interpreter,
    "-opsiservice",
    `${site.url}/rpc`,
    "-depotpath",
    join(work, "depot"),
    "-clientid",
    clientId,
  ];
  parameters.push(...words, "-credentialfile", credentials, "-logfile", logFile);
  const env = { ...process.env, OPSICLIENTD_RUN_FOLDER: join(work, "flags") };
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { stdio: ["ignore", "inherit", "inherit"], env, cwd: work });
    child.on("error", reject);
    child.on("exit", resolve);
  });
  return { code, log: await readFile(logFile, "utf8").catch(() => "") };
}

test("a setup runs, reports its result, and its log arrives at the service", async () => {
  await product("hello", {
    setup: `[Actions]
DefVar $p$ = GetProductProperty("greeting", "nothing")
comment "=> %installingProdName% %installingProdVersion% %hostID% %opsiDepotId%"
comment "=> " + $p$
comment "=> " + getValue("installationstate", getProductMap)
setActionProgress "half way"
DefStringList $r$ = getReturnListFromSection("opsiServiceCall_who")
comment "=> " + jsonAsArrayCountElements(takeString(0, $r$))
DefStringList $bad$ = getReturnListFromSection("opsiServiceCall_bad")
comment "=> " + getLastServiceErrorClass
set $p$ = "%opsiservicePassword%"
comment "password $p$ " + $p$
Files_x
[Files_x]
copy "%ScriptPath%/setup.opsiscript" "${work}/copied"
[opsiServiceCall_who]
"method": "productOnClient_getObjects"
"params": [
   "[]",
   '{"clientId":"%hostID%"}',
   ]
[opsiServiceCall_bad]
"method": "no_such_method"
"params": []
`,
    update: '[Actions]\ncomment "=> update"\n',
  });
  await site.call("productProperty_createUnicode", [
    "hello",
    "1.0",
    "2",
    "greeting",
    null,
    ["a", "b"],
    ["a"],
    false,
    true,
  ]);
  await site.call("productPropertyState_create", ["hello", "greeting", clientId, ["a", "b"]]);
  await request("hello", "setup");

  const { code, log } = await runInterpreter();

  const comments = [...log.matchAll(/comment: => (.*)/g)].map(([, text]) => text);
  expect(comments).toEqual([
    `hello 1.0-2 ${clientId} ${server}`,
    "a,b",
    expect.any(String),
    "1",
    expect.stringContaining("Error"),
    "update",
  ]);
  expect(code).toBe(0);
  expect(existsSync(join(work, "copied/setup.opsiscript"))).toBe(true);
  expect(log).not.toContain(clientKey);
  expect(await state("hello")).toMatchObject({
    installationStatus: "installed",
    actionRequest: "none",
    actionResult: "successful",
    actionProgress: "",
    lastAction: "setup",
    productVersion: "1.0",
    packageVersion: "2",
  });
  expect(await site.call("log_read", ["instlog", clientId])).toContain(`hello 1.0-2 ${clientId}`);
});

test.each<[what: string, action: string, script: string, expected: Record<string, unknown>, code: number]>([
  [
    "a failure keeps its reason",
    "setup",
    'isFatalError "disk is full"',
    { installationStatus: "unknown", actionResult: "failed", actionProgress: "disk is full", actionRequest: "none" },
    1,
  ],
  [
    "a syntax error is a failure",
    "setup",
    "no statement",
    { actionResult: "failed", actionProgress: "Syntax Error" },
    1,
  ],
  ["uninstall", "uninstall", 'comment "x"', { installationStatus: "not_installed", lastAction: "uninstall" }, 0],
  ["always stays requested", "always", 'comment "x"', { installationStatus: "installed", actionRequest: "always" }, 0],
  [
    "once",
    "once",
    'comment "x"',
    { installationStatus: "not_installed", actionRequest: "none", lastAction: "once" },
    0,
  ],
  [
    "custom leaves the status alone",
    "custom",
    'comment "x"',
    { installationStatus: "not_installed", lastAction: "custom" },
    0,
  ],
  [
    "a suspended product waits",
    "setup",
    "isSuspended",
    { actionProgress: "Suspended", actionRequest: "setup", actionResult: "none" },
    0,
  ],
  [
    "a deferred product waits as it was",
    "setup",
    "isDeferred",
    { actionProgress: "Deferred", actionRequest: "setup", installationStatus: "not_installed" },
    0,
  ],
  [
    "ExitScript writes what it says",
    "setup",
    'ExitScript "installed" "mine" "once"',
    { installationStatus: "installed", actionProgress: "mine", actionRequest: "once" },
    0,
  ],
  [
    "an immediate reboot leaves the request",
    "setup",
    "ExitWindows /ImmediateReboot",
    { actionRequest: "setup", installationStatus: "unknown", actionProgress: "installing" },
    0,
  ],
])("%s", async (what, action, script, expected, code) => {
  const id = `p-${what.replaceAll(/\W+/g, "-").toLowerCase()}`;
  await product(id, { [action]: `[Actions]\n${script}\n` });
  await site.call("productOnClient_create", [id, "LocalbootProduct", clientId, "not_installed"]);
  await request(id, action);
  const run = await runInterpreter("-processproducts", id);
  expect(await state(id)).toMatchObject(expected);
  expect(run.code).toBe(code);
});

test("a reboot ends the list of products and leaves a flag for the agent", async () => {
  await product("first", { setup: "[Actions]\nExitWindows /Reboot\n" });
  await product("second", { setup: '[Actions]\ncomment "=> second"\n' });
  await site.call("product_updateObject", [
    { type: "LocalbootProduct", id: "first", productVersion: "1.0", packageVersion: "2", priority: 50 },
  ]);
  await request("first", "setup");
  await request("second", "setup");
  await runInterpreter("-processproducts", "first,second");
  expect((await state("first"))["actionRequest"]).toBe("none");
  expect((await state("second"))["actionRequest"]).toBe("setup");
  expect(existsSync(join(work, "flags/reboot"))).toBe(true);
});

test("a product without files fails alone", async () => {
  await product("lost", { setup: "[Actions]\n" });
  await product("found", { setup: '[Actions]\ncomment "x"\n' });
  await rm(join(work, "depot/lost"), { recursive: true });
  await request("lost", "setup");
  await request("found", "setup");
  const { code } = await runInterpreter("-processproducts", "lost,found");
  expect(code).toBe(1);
  expect(await state("lost")).toMatchObject({ actionResult: "failed", actionRequest: "none" });
  expect(await state("found")).toMatchObject({ actionResult: "successful" });
});

test("who cannot log in does nothing and says so by its exit code", async () => {
  const { code, log } = await runInterpreter("-username", "nobody.example.org", "-password", "wrong-password-here");
  expect(code).toBe(2);
  expect(log).not.toContain("wrong-password-here");
});
