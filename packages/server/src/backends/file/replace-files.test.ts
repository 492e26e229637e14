import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recoverFiles, replaceFiles } from "./replace-files.ts";

let folder: string;
/** The number of a process that has ended. */
const { pid: deadPid } = spawnSync("true");
const unfinished = (name: string) => `.${name}.opsi-ts-${deadPid}-0123456789ab`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "replace-files-"));
  for (const name of ["a", "b", "c"]) await writeFile(join(folder, name), `old ${name}`);
});
afterEach(() => rm(folder, { recursive: true }));

const inFolder = (path: string) => path.startsWith(`${folder}/`);
async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")])),
  );
}
const journal = (steps: unknown) =>
  writeFile(join(folder, `.opsi-ts-journal-${deadPid}-0123456789ab`), JSON.stringify(steps));

test("files are replaced, made and removed together", async () => {
  await replaceFiles(folder, [
    { path: join(folder, "a"), content: "new a" },
    { path: join(folder, "b"), content: null },
    { path: join(folder, "d"), content: "new d" },
  ]);
  expect(await contents()).toEqual({ a: "new a", c: "old c", d: "new d" });
});

test("where one cannot be written, none is", async () => {
  const replacing = replaceFiles(folder, [
    { path: join(folder, "a"), content: "new a" },
    { path: join(folder, "missing", "b"), content: "new b" },
  ]);
  await expect(replacing).rejects.toMatchObject({ class: "BackendIOError" });
  expect(await contents()).toEqual({ a: "old a", b: "old b", c: "old c" });
});

test("what was interrupted behind the journal is finished", async () => {
  // a was renamed already
  await writeFile(join(folder, "a"), "new a");
  await writeFile(join(folder, unfinished("b")), "new b");
  const steps = [
    ["a", unfinished("a")],
    ["b", unfinished("b")],
  ].map(([name = "", from = ""]) => [join(folder, from), join(folder, name)]);
  await journal([...steps, [null, join(folder, "c")]]);
  await recoverFiles([folder], inFolder);
  expect(await contents()).toEqual({ a: "new a", b: "new b" });
});

test("what was interrupted before is cleared away, but not what another process is writing", async () => {
  await writeFile(join(folder, unfinished("a")), "half");
  const other = `.b.opsi-ts-${process.ppid}-0123456789ab`;
  await writeFile(join(folder, other), "in the making");
  await recoverFiles([folder], inFolder);
  expect(await contents()).toEqual({ a: "old a", b: "old b", c: "old c", [other]: "in the making" });
});

// After a power failure the number soon belonged to a service that was started later: half of a set stayed for ever.
test.runIf(process.platform === "linux")("what was left is finished though its number is used again", async () => {
  const mark = `opsi-ts-${process.ppid}-0123456789ab`;
  const left = { [`.a.${mark}`]: "new a", [`.b.${mark}`]: "half" };
  left[`.opsi-ts-journal-${process.ppid}-0123456789ab`] = JSON.stringify([
    [join(folder, `.a.${mark}`), join(folder, "a")],
  ]);
  for (const [name, content] of Object.entries(left)) {
    await writeFile(join(folder, name), content);
    await utimes(join(folder, name), 0, 0);
  }
  await recoverFiles([folder], inFolder);
  expect(await contents()).toEqual({ a: "new a", b: "old b", c: "old c" });
});

test.each<[what: string, steps: unknown]>([
  ["no list", { a: 1 }],
  ["a file elsewhere", [[null, "/etc/passwd"]]],
  ["a source in another folder", [[`/tmp/${unfinished("a")}`, "a"]]],
  ["a source that is no unfinished file", [["a", "b"]]],
])("a journal with %s is refused", async (_what, steps) => {
  await journal(steps);
  await expect(recoverFiles([folder], inFolder)).rejects.toMatchObject({ class: "BackendIOError" });
  expect(await readFile(join(folder, "b"), "utf8")).toBe("old b");
});
