import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { editControl } from "./edit-control.ts";

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "opsi-control-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

test("only the values change, in both files, comments stay", async () => {
  const folder = await folderWith({
    "control.toml":
      '# mine\n[Package]\nversion = "1" # why\n\n[Product]\nid = "a"\nversion = \'1.0\'\n[[ProductDependency]]\nversion="9"\n',
    control: "[Package]\nversion: 1\ndepends:\n\n[Product]\nid: a\nversion: 1.0\n",
  });
  await editControl(folder, { productVersion: "2.0", packageVersion: "3", id: "b" });
  expect(await readFile(join(folder, "control.toml"), "utf8")).toBe(
    '# mine\n[Package]\nversion = "3" # why\n\n[Product]\nid = "b"\nversion = "2.0"\n[[ProductDependency]]\nversion="9"\n',
  );
  expect(await readFile(join(folder, "control"), "utf8")).toBe(
    "[Package]\nversion: 3\ndepends:\n\n[Product]\nid: b\nversion: 2.0\n",
  );
});

test("a line that is missing is named", async () => {
  const folder = await folderWith({ control: "[Product]\nid: a\n" });
  await expect(editControl(folder, { packageVersion: "3" })).rejects.toThrow("section Package has no line 'version'");
});

test.each(["\n", "\r\n", "\r"])("lines that end with %j stay so", async (end) => {
  const lines = (version: string) => ["[Package]", `version: ${version}`, "[Product]", "id: a", ""].join(end);
  const folder = await folderWith({ control: lines("1") });
  await editControl(folder, { packageVersion: "3" });
  expect(await readFile(join(folder, "control"), "utf8")).toBe(lines("3"));
});

// Of a hostile package that is extracted under another id.
test("a line of many blanks is edited at once", async () => {
  const blanks = " ".repeat(100_000);
  const folder = await folderWith({ control: `[Product]\nid:${blanks}a${blanks}\rb\n` });
  await editControl(folder, { id: "c" });
  expect(await readFile(join(folder, "control"), "utf8")).toBe(`[Product]\nid:${blanks}c${blanks}\rb\n`);
});
