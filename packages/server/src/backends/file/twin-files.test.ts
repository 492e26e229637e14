import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { familyOf, fromHash, LocalbootProduct } from "@opsi-ts/model";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FileStorage } from "./file-storage.ts";

let root: string;
let problems: string[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "twin-files-"));
  problems = [];
});
afterEach(() => rm(root, { recursive: true }));

const place = (name: string) => join(root, "config", name);
async function write(name: string, content: string): Promise<void> {
  await mkdir(join(place(name), ".."), { recursive: true });
  await writeFile(place(name), content);
}
const open = () =>
  FileStorage.open(join(root, "config"), {
    configserverId: "opsi.example.org",
    hostKeys: join(root, "pckeys"),
    onProblem: ({ path, message }) => problems.push(`${path.slice(root.length + 1)}: ${message}`),
  });
const seen = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 3000, interval: 50 });

const editor = { id: "editor", productVersion: "1.0", packageVersion: "1" };
const productFile = (name: string) => `[Package]
version: 1

[Product]
type: localboot
id: editor
name: ${name}
version: 1.0
priority: 0
`;

// Somebody kept a copy of the file: changes went to the one of the two that does not count at the next start.
test("of two files of a product the first one counts, also for what is written", async () => {
  await write("products/editor-old_1.0-1.localboot", productFile("first"));
  await write("products/editor_1.0-1.localboot", productFile("second"));
  {
    await using storage = await open();
    expect(problems.filter((problem) => problem.includes("products"))).toEqual([
      "config/products/editor_1.0-1.localboot: There is another file of 'editor;1.0;1', this one does not count",
    ]);
    expect(await storage.read(familyOf("product"))).toMatchObject([{ name: "first" }]);
    await write("products/editor_1.0-1.localboot", productFile("changed"));
    await seen(async () => expect(problems.filter((problem) => problem.includes("another"))).toHaveLength(2));
    expect(await storage.read(familyOf("product"))).toMatchObject([{ name: "first" }]);
    const product = fromHash(LocalbootProduct, { ...editor, name: "written" });
    await storage.write(familyOf("product"), [product], "update");
  }
  await using again = await open();
  expect(await again.read(familyOf("product"))).toMatchObject([{ name: "written" }]);
});

test("when the first of two files is gone, the other one counts", async () => {
  await write("clients/pc1.example.org.ini", "[info]\n");
  await using storage = await open();
  await write("depots/pc1.example.org.ini", "[depotserver]\n");
  await seen(async () => expect(problems).toContainEqual(expect.stringContaining("another file of 'pc1.example.org'")));
  const state = { type: "ConfigState", configId: "c", objectId: "pc1.example.org", values: ["1"] };
  await storage.write(familyOf("configState"), [state], "insert");
  expect(await readFile(place("clients/pc1.example.org.ini"), "utf8")).toContain('c = ["1"]');
  await write("clients/pc1.example.org.ini", "[info]\nnotes = theirs\n");
  await seen(async () => expect(await storage.read(familyOf("host"))).toMatchObject([{ notes: "theirs" }]));
  await rename(place("clients/pc1.example.org.ini"), place("pc1.example.org.ini~"));
  await seen(async () => expect(await storage.read(familyOf("host"))).toMatchObject([{ type: "OpsiDepotserver" }]));
});
