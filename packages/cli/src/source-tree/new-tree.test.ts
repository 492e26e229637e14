import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runOpsi } from "../run-opsi.ts";
import { runScript } from "../testing/run-script.ts";
import { testSurroundings } from "../testing/test-surroundings.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsi-new-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function opsi(...words: string[]) {
  const surroundings = testSurroundings({ folder });
  const exitCode = await runOpsi(words, surroundings);
  return { exitCode, out: surroundings.out(), errors: surroundings.errors() };
}

test("a new tree can be made, and its scripts run", async () => {
  expect(await opsi("package", "new", "acme-editor", "--product-name", 'Acme "Editor"')).toMatchObject({ exitCode: 0 });
  expect((await stat(join(folder, "acme-editor"))).mode & 0o700).toBe(0o700);
  const made = await opsi("package", "make", "acme-editor", "--output", "lines", "--attributes", "package,version");
  expect(made.out).toBe(`${join(folder, "acme-editor_1.0-1.opsi")}\t1.0-1\n`);
  for (const script of ["setup", "update", "uninstall"]) {
    const { exitCode, log } = await runScript(join(folder, "acme-editor", "CLIENT_DATA", `${script}.opsiscript`));
    expect(exitCode, log).toBe(0);
    expect(log).toMatch(script === "uninstall" ? /Uninstalling on \w+/ : /Installing on \w+/);
    expect(log).toContain("0 warnings");
  }
});

test("a package is made again only when told to", async () => {
  await opsi("package", "new", "twice");
  await opsi("package", "make", "twice");
  const refused = await opsi("package", "make", "twice");
  expect(refused).toMatchObject({ exitCode: 1, out: "" });
  expect(refused.errors).toContain("twice_1.0-1.opsi' already exists, say --overwrite");
  expect((await opsi("package", "make", "twice", "-o", "--no-zsync")).exitCode).toBe(0);
  expect((await opsi("package", "make", "twice", "--package-version", "2")).exitCode).toBe(0);
  const files = (await readdir(folder)).filter((name) => name.startsWith("twice_"));
  // What lies beside the package always belongs to it: without --no-zsync there would be an old one.
  expect(files.sort()).toEqual([
    "twice_1.0-1.opsi",
    "twice_1.0-1.opsi.md5",
    "twice_1.0-2.opsi",
    "twice_1.0-2.opsi.md5",
    "twice_1.0-2.opsi.zsync",
  ]);
});

test("a package becomes a tree again, under another id if wanted", async () => {
  await opsi("package", "new", "circle");
  await opsi("package", "make", "circle");
  expect((await opsi("package", "extract", "circle_1.0-1.opsi", "out", "--new-product-id", "round")).exitCode).toBe(0);
  expect((await opsi("package", "extract", "circle_1.0-1.opsi", "out")).exitCode).toBe(1);
  const made = await opsi(
    "package",
    "make",
    "out/circle_1.0-1",
    "out",
    "--output",
    "lines",
    "--attributes",
    "productId",
  );
  expect(made).toMatchObject({ out: "round\n" });
});

test.each([
  ["full", "exists and is not empty"],
  ["Bad Id!", "Bad object id"],
])("no tree in '%s'", async (name, message) => {
  await writeFile(join(folder, "file"), "");
  if (name === "full") await opsi("package", "new", "full");
  const { exitCode, errors } = await opsi("package", "new", name);
  expect(exitCode).toBe(1);
  expect(errors).toContain(message);
});
