import { expect, test } from "vitest";
import { startTestSite } from "../test-site.ts";

test("the status of a site whose certificates are still made tells their days all the same", async () => {
  await using site = await startTestSite();
  const { status, text } = await site.send("GET", "/status/");
  expect(status).toBe(200);
  expect(text).toMatch(/^ssl-ca-valid-days: 7\d\d$/m);
  expect(text).toMatch(/^ssl-cert-valid-days: \d+$/m);
});
