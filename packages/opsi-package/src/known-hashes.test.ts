import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readContents } from "./content-file.ts";
import { KnownHashes } from "./known-hashes.ts";
import { makePackage } from "./make-package.ts";
import { packageOperations } from "./package-operations.ts";

const control = "[Package]\nversion: 1\n[Product]\ntype: localboot\nid: p\nversion: 1.0\n";
/** Recognizable, so that a test sees whether a sum was taken from here. */
const remembered = "0123456789abcdef0123456789abcdef";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hashes-"));
  path = join(folder, "file");
  await writeFile(path, "text");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function remember(): Promise<KnownHashes> {
  const known = new KnownHashes();
  known.add(await stat(path, { bigint: true }), remembered);
  return new KnownHashes(known.toString());
}

async function sumOf(known: KnownHashes): Promise<string | undefined> {
  const [entry] = await readContents(folder, { known });
  return entry?.type === "file" ? entry.md5 : undefined;
}

test("a file that is as it was is not read again, also when its folder moved", async () => {
  const known = await remember();
  expect(await sumOf(known)).toBe(remembered);
  await rename(folder, `${folder}-moved`);
  folder = `${folder}-moved`;
  expect(await sumOf(known)).toBe(remembered);
});

test.each<[change: string, apply: (path: string) => Promise<unknown>]>([
  ["written anew in the same length", (path) => writeFile(path, "TEXT")],
  ["written in the same length and set back to its old time", rewriteSecretly],
  ["longer", (path) => writeFile(path, "text and more")],
  ["another file of that name", (path) => unlink(path).then(() => writeFile(path, "text"))],
  ["touched in another way", (path) => chmod(path, 0o600)],
])("a file is read again when it is %s", async (_change, apply) => {
  const known = await remember();
  // The clock of file times advances a few milliseconds at once
  await new Promise((resolve) => setTimeout(resolve, 50));
  await apply(path);
  expect(await sumOf(known)).toBe(md5(await readFile(path)));
});

async function rewriteSecretly(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  await writeFile(path, "TEXT");
  await utimes(path, atime, mtime);
}

test("the sums of unpacking are those of the files, of small and large ones", async () => {
  const source = join(folder, "source");
  const [data, opsi] = [join(source, "CLIENT_DATA"), join(source, "OPSI")];
  for (const each of [data, opsi]) await mkdir(each, { recursive: true });
  await writeFile(join(opsi, "control"), control);
  const contents = { empty: Buffer.alloc(0), small: Buffer.from("x"), large: Buffer.alloc(3_000_001, "some text ") };
  for (const [name, content] of Object.entries(contents)) await writeFile(join(data, name), content);
  const made = await makePackage(source, { destination: folder });
  const target = join(folder, "target");
  const steps = { signal: new AbortController().signal, onProgress: () => {} };
  const { hashes } = await packageOperations.extractWithHashes(steps, made.path, target);
  expect(hashes.split("\n")).toHaveLength(3);
  const known = new KnownHashes(hashes);
  for (const [name, content] of Object.entries(contents)) {
    expect(known.find(await stat(join(target, "CLIENT_DATA", name), { bigint: true }))).toBe(md5(content));
  }
});

function md5(content: Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}
