import { afterAll, beforeAll, expect, test } from "vitest";
import { admin, startTestSite, type TestSite, user } from "../test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite(["--node-name", "node1"]);
});
afterAll(() => site[Symbol.asyncDispose]());

const range = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 60_000).toISOString() };
const query = (title: string) => ({
  ...{ app: "dashboard", range: { ...range, raw: { from: "now-1h", to: "now" } }, intervalMs: 500, timezone: "utc" },
  targets: [{ type: "timeserie", target: title, refId: "A" }],
});
const ask = (json: unknown, login = admin) => site.send("POST", "/metrics/grafana/query", { login, json });

test("a dashboard gets points of the figures that the search lists, from the start on", async () => {
  const titles = (await site.send("GET", "/metrics/grafana/search", { login: admin })).json();
  expect(titles).toContain("Average memory usage of worker 1 on node1");
  const answer = (await ask(query("Average memory usage of worker 1 on node1"))).json();
  expect(answer).toEqual([
    { target: "Average memory usage of worker 1 on node1", datapoints: [[expect.any(Number), expect.any(Number)]] },
  ]);
  const [[bytes = 0, time = 0] = []] = (answer as { datapoints: number[][] }[])[0]?.datapoints ?? [];
  expect(bytes).toBeGreaterThan(10_000_000);
  expect(time % 5000).toBe(0);
  expect((await ask(query("nothing of the kind"))).json()).toEqual([]);
});

test("requests are counted within seconds", { timeout: 20_000 }, async () => {
  const title = "Average HTTP requests of worker 1 on node1";
  const deadline = Date.now() + 12_000;
  let sum = 0;
  while (sum === 0 && Date.now() < deadline) {
    for (let count = 0; count < 10; count++) await site.send("GET", "/status/short");
    const [found] = (await ask(query(title))).json() as { datapoints: number[][] }[];
    sum = (found?.datapoints ?? []).reduce((all, [value = 0]) => all + value, 0);
  }
  expect(sum).toBeGreaterThan(1); // ten at least, per second of five
});

test("what is no query is told so, and users without rights see nothing", async () => {
  expect((await ask({})).status).toBe(422);
  expect((await ask({ ...query("x"), targets: [5] })).status).toBe(422);
  expect((await ask({ ...query("x"), range: { from: "yesterday", to: "now" } })).status).toBe(500);
  expect((await ask(query("x"), user)).status).toBe(401);
});
