import { request } from "node:https";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestSite } from "./site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await TestSite.start();
});
afterAll(() => site[Symbol.asyncDispose]());

/** What the plug-in of a monitoring system sends. */
function check(task: string, param: unknown): Promise<unknown> {
  const options = { method: "POST", auth: "monitoring:look closely", rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const sent = request(`${site.url}/monitoring`, options, async (response) => {
      response.setEncoding("utf8");
      resolve(JSON.parse((await response.toArray()).join("")));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify({ task, param }));
  });
}

test("a monitoring system runs a plug-in on a client through its agent", { timeout: 120_000 }, async () => {
  await site.call("user_setCredentials", "monitoring", "look closely");
  const client = await site.newClient("pc1.example.org");
  await client.isReachable();
  const run = (plugin: string) => check("checkPluginOnClient", { clientId: client.id, plugin, timeout: 20 });
  const lost = { state: 3, message: "UNKNOWN: Can't check host 'pc1.example.org' is not reachable." };
  expect(await run("true")).toEqual(lost);

  await using agent = client.start();
  await agent.says("control server has a new certificate"); // the service speaks to nobody else
  expect(await run("echo DISK OK - free space: 3326 MB; echo more")).toEqual({
    state: 0,
    message: "DISK OK - free space: 3326 MB",
  });
  expect(await run("echo DISK CRITICAL - full; exit 2")).toEqual({ state: 2, message: "DISK CRITICAL - full" });
  expect(await run("no-such-plugin")).toMatchObject({ state: 3 });
});
