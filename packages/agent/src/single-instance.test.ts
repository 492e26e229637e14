import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { linux } from "./platform/linux.ts";
import { lockInstance } from "./single-instance.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("of many that start at once one works", async () => {
  const starts = await Promise.allSettled(Array.from({ length: 10 }, () => lockInstance(folder, linux)));
  const working = starts.filter(({ status }) => status === "fulfilled");
  expect(working).toHaveLength(1);
  expect(await readdir(folder)).toEqual(["agent.lock"]);
});

test.each<[what: string, text: string]>([
  ["a process that is gone", JSON.stringify({ processId: process.pid, identity: "another boot/1" })],
  ["a power failure", ""],
])("the lock of %s counts for nothing, and the next one may start after the end", async (_what, text) => {
  await writeFile(join(folder, "agent.lock"), text);
  for (let start = 0; start < 2; start++) {
    await using _lock = await lockInstance(folder, linux);
    await expect(lockInstance(folder, linux)).rejects.toThrow(/Another agent is at work/);
  }
  expect(await readdir(folder)).toEqual([]);
});
