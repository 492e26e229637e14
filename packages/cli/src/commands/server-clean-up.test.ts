import { expect, test } from "vitest";
import { startTestSite } from "../testing/test-site.ts";

test("orphans are named by a dry run, and gone after a real one", async () => {
  await using site = await startTestSite();
  expect(await site.json("server", "clean-up", "--dry-run")).toEqual([]);
  await site.opsi("jsonrpc", "execute", "configState_create", "no.such.config", "gone.example.org", '["x"]');
  const wanted = ["configState_without_config", "configState_without_host"];
  const found = await site.json<{ id: string; examples: string[] }[]>("server", "clean-up", "--dry-run");
  expect(found.map(({ id }) => id)).toEqual(wanted);
  expect(found[0]?.examples).toEqual(["no.such.config;gone.example.org"]);
  expect(await site.json("server", "clean-up", "--dry-run")).toHaveLength(2);

  const cleaned = await site.opsi("server", "clean-up");
  expect(cleaned).toMatchObject({ exitCode: 0, errors: "Cleaning up ...\n" });
  expect(cleaned.out).toMatch(/│ configState_without_config\s+│ 1\s+│ 0\s+│/);
  expect(await site.json("server", "clean-up")).toEqual([]);
});
