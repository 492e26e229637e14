import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
  await site.json("client", "create", "pc1.example.org", "pc2.example.org");
});
afterAll(() => site[Symbol.asyncDispose]());

test("hosts without an address fail one by one, and the command with them", async () => {
  const { exitCode, out, errors } = await site.opsi(
    "client-action",
    "trigger-event",
    "--clients",
    "pc*",
    "--output",
    "json",
  );
  expect([exitCode, errors]).toEqual([1, expect.stringContaining("2 of 2 clients could not be reached or refused\n")]);
  expect(JSON.parse(out)).toMatchObject([
    { clientId: "pc1.example.org", error: expect.stringContaining("Failed to get ip address") },
    { clientId: "pc2.example.org", error: expect.stringContaining("Failed to get ip address") },
  ]);
});

test("a dry run reaches nobody", async () => {
  expect(await site.opsi("client-action", "trigger-event", "--clients", "pc1*", "--dry-run")).toMatchObject({
    exitCode: 0,
    out: "",
    errors: "Would trigger on_demand on pc1.example.org\n",
  });
});

test("several clients are not shut down without a question", async () => {
  const refused = await site.opsi("client-action", "shutdown", "--clients", "all");
  expect(refused).toMatchObject({ exitCode: 2, errors: expect.stringContaining("Shut down 2 clients?") });
});

test("waking needs a hardware address", async () => {
  const { exitCode, out } = await site.opsi("client-action", "wakeup", "--clients", "pc1*", "--output", "csv");
  expect([exitCode, out]).toEqual([1, expect.stringContaining("Failed to get hardware address")]);
});
