import { execFileSync } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inWorker } from "./in-worker.ts";

const md5 = "900150983cd24fb0d6963f7d28e17f72";
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "in-worker-"));
  path = join(folder, "abc");
  await writeFile(path, "abc");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("one operation after the other, also after one that failed or was aborted", async () => {
  expect(await inWorker("md5OfFile", [path])).toBe(md5);
  await expect(inWorker("md5OfFile", [join(folder, "none")])).rejects.toMatchObject({ code: "ENOENT" });
  expect(await inWorker("md5OfFile", [path])).toBe(md5);
  const abort = new AbortController();
  const large = join(folder, "large");
  await writeFile(large, "");
  await truncate(large, 2 ** 40); // takes hours
  const aborted = inWorker("md5OfFile", [large], { signal: abort.signal });
  abort.abort(new Error("no longer wanted"));
  await expect(aborted).rejects.toThrow("no longer wanted");
  expect(await inWorker("md5OfFile", [path])).toBe(md5);
});

test("several at once", async () => {
  const sums = await Promise.all(Array.from({ length: 3 }, () => inWorker("md5OfFile", [path])));
  expect(sums).toEqual([md5, md5, md5]);
});

test("the thread that waits for more work does not keep the program from ending", async () => {
  const program = join(folder, "program.mjs");
  const face = new URL("./in-worker.ts", import.meta.url).href;
  await writeFile(
    program,
    `import { inWorker } from "${face}"; console.log(await inWorker("md5OfFile", [process.argv[2]]));`,
  );
  expect(execFileSync(process.execPath, [program, path], { encoding: "utf8", timeout: 15_000 })).toBe(`${md5}\n`);
});
