import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCore } from "../../open-core.ts";
import { admin, startTestSite, type TestSite, user } from "../test-site.ts";
import { pluginResult } from "./plugin-on-client.ts";

let site: TestSite;
const client = "pc1.corpus.test:0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const monitoring = "monitoring:secret";
const product = { productType: "LocalbootProduct", productId: "editor", productVersion: "2.0", packageVersion: "1" };

beforeAll(async () => {
  site = await startTestSite([], openCore);
  const [id, opsiHostKey] = client.split(":");
  const depot = "server.corpus.test";
  await rpc("user_setCredentials", "monitoring", "secret");
  await rpc("host_createObjects", [{ type: "OpsiClient", id, opsiHostKey }]);
  const about = { type: "LocalbootProduct", id: "editor", productVersion: "2.0", packageVersion: "1", name: "Editor" };
  await rpc("product_createObjects", [about]);
  await rpc("productOnDepot_createObjects", [{ ...product, type: "ProductOnDepot", depotId: depot }]);
  await rpc("productOnClient_createObjects", [
    { ...product, type: "ProductOnClient", clientId: id, productVersion: "1.0", actionRequest: "setup" },
  ]);
});
afterAll(() => site[Symbol.asyncDispose]());

async function rpc(method: string, ...params: unknown[]): Promise<void> {
  const answer = await site.send("POST", "/rpc", { login: admin, json: { jsonrpc: "2.0", id: 1, method, params } });
  expect(answer.json()).not.toHaveProperty("error");
}

async function check(task: string, param: unknown, login = monitoring) {
  const answer = await site.send("POST", "/monitoring", { login, json: { task, param } });
  expect(answer.status).toBe(200);
  return answer.json();
}

test("a command on a client takes an administrator or the monitoring user", async () => {
  const param = { clientId: "pc1.corpus.test", plugin: "id" };
  const refused = { state: 3, message: "Opsi service permission error: No permission for checkPluginOnClient" };
  expect(await check("checkPluginOnClient", param, user)).toEqual(refused);
  expect(await check("checkPluginOnClient", param, client)).toEqual(refused);
  // nothing answers at the client: the last known state is kept, if there is one
  const lost = { state: 3, message: "UNKNOWN: Can't check host 'pc1.corpus.test' is not reachable." };
  expect(await check("checkPluginOnClient", param)).toEqual(lost);
  const known = { ...param, state: 1, output: "WARNING: was slow" };
  expect(await check("checkPluginOnClient", known, admin)).toEqual({ state: 1, message: "WARNING: was slow" });
  expect(await check("checkPluginOnClient", { ...known, state: "2" })).toMatchObject({ state: 2 });
  expect(await check("checkPluginOnClient", { ...known, state: "soon" })).toEqual(lost);
});

test("the code with which a plug-in ended is the state, if Nagios knows it", () => {
  expect(pluginResult(["OK - fine", "more"], null)).toEqual({ state: 0, message: "OK - fine" });
  expect(pluginResult(null, "Command failed (2): CRITICAL - disk\nfull")).toEqual({
    state: 2,
    message: "CRITICAL - disk\nfull",
  });
  expect(pluginResult(null, "[Errno 1] Command 'x' failed (1): slow")).toEqual({ state: 1, message: "slow" });
  expect(pluginResult(null, "Command failed (127): not found").state).toBe(3);
  expect(pluginResult(null, "timed out after 35.00 seconds").state).toBe(3);
});

test("the status of a product names actions and differing versions, verbosely with the clients", async () => {
  const param = { productIds: ["editor"], verbose: true, strict: true };
  expect(await check("checkProductStatus", param)).toEqual({
    state: 1,
    message: [
      "WARNING: ",
      "Result for Depot: 'server.corpus.test':",
      "For product 'editor' action set on 1 clients!",
      "For product 'editor' version difference problems found on 1 clients!",
      "Action Request set for product 'editor':",
      "  pc1.corpus.test (setup)",
      "Product Version difference found for product 'editor':",
      "  pc1.corpus.test (1.0-1)",
      "",
    ].join("\n"),
  });
  const missing = { productIds: ["other"], strict: true };
  expect(await check("checkProductStatus", missing)).toMatchObject({
    state: 2,
    message: expect.stringContaining("Product 'other' not found on any client assigned to depot server.corpus.test."),
  });
  const nowhere = { productIds: ["editor"], depotIds: ["none.corpus.test"] };
  expect(await check("checkProductStatus", nowhere)).toMatchObject({
    state: 3,
    message: "UNKNOWN: Depot 'none.corpus.test' not found",
  });
});

test("whatever a plug-in sends, the answer is a state and a text that says something", {
  timeout: 60_000,
}, async () => {
  const tasks = [
    ..."checkClientStatus checkShortProductStatus checkProductStatus checkDepotSyncStatus checkPluginOnClient".split(
      " ",
    ),
    ..."checkProductLocks checkOpsiWebservice checkOpsiDiskUsage".split(" "),
  ];
  const names = [
    ..."clientId exclude productId productIds thresholds groupIds hostGroupIds depotIds verbose strict".split(" "),
    ..."plugin timeout state output encoding cpu errors perfdata resource".split(" "),
  ];
  const value = fc.oneof(
    fc.constantFrom<unknown>("pc1.corpus.test", "editor", "all", "server.corpus.test", ["all"], "<5", "%", "a\0b"),
    fc.jsonValue({ maxDepth: 2 }),
    fc.dictionary(fc.constantFrom("warning", "critical"), fc.jsonValue({ maxDepth: 1 })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...tasks),
      fc.oneof(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 }), fc.jsonValue()),
      async (task, param) => {
        const answer = await check(task, param);
        expect(answer).toEqual({ state: expect.any(Number), message: expect.any(String) });
        const { state, message } = answer as { state: number; message: string };
        expect([0, 1, 2, 3]).toContain(state);
        expect(message).not.toMatch(/Internal server error|undefined|\[object/);
        expect(message).not.toBe("");
      },
    ),
    { numRuns: 400 },
  );
});

test("names are no patterns", async () => {
  expect(await check("checkClientStatus", { clientId: "*" })).toMatchObject({ state: 3 });
  expect(await check("checkShortProductStatus", { productId: "edit*" })).toMatchObject({ state: 3 });
  expect(await check("checkProductLocks", { productIds: ["*"] })).toMatchObject({ state: 0 });
});

test("the service itself is checked with its errors and figures", async () => {
  const calm = { errors: { critical: 100, warning: 100 }, cpu: { critical: 1000, warning: 1000 } };
  expect(await check("checkOpsiWebservice", calm)).toMatchObject({
    state: 0,
    message: expect.stringMatching(
      /^OK: Opsi Webservice has no Problem\. \| requests=\d+;;;0; rpcs=\d+;;;0; rpcerror=\d+;;;0; sessions=\d+;;;0; threads=\d+;;;0; virtmem=\d+;;;0; cpu=\d+;;;0;100 $/,
    ),
  });
  await site.send("POST", "/rpc", { login: admin, json: { method: "nothing", params: [] } });
  const strict = { errors: { critical: 99, warning: 0 }, cpu: { critical: 1000, warning: 1000 }, perfdata: false };
  expect(await check("checkOpsiWebservice", strict)).toEqual({ state: 1, message: "WARNING: RPC errors over 0%" });
});

test("the disk's free room is told for folders that the service has", async () => {
  const { message } = (await check("checkOpsiDiskUsage", {})) as { message: string };
  expect(message.match(/depot|repository|workbench/g)).toEqual(["depot", "repository", "workbench"]);
  expect(await check("checkOpsiDiskUsage", { resource: "/etc" })).toEqual({
    state: 3,
    message: "UNKNOWN: No disk usage results, nothing to check.",
  });
});
