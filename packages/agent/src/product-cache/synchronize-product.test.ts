import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLog } from "@opsi-ts/logging";
import { formatContentFile } from "@opsi-ts/opsi-package";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLocalTree } from "./local-tree.ts";
import { type SynchronizeOptions, synchronizeProduct } from "./synchronize-product.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "opsi-synchronize-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const product = () => join(root, "depot/demo");
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** A depot with one product; `links` by path, `sent` says how many bytes come instead of those that are listed. */
function depot(
  files: Record<string, string>,
  links: Record<string, string> = {},
  sent: Record<string, number> = {},
): SynchronizeOptions {
  const list = formatContentFile([
    ...Object.entries(files).map(
      ([path, text]) => ({ type: "file", path, size: Buffer.byteLength(text), md5: md5(text) }) as const,
    ),
    ...Object.entries(links).map(([path, target]) => ({ type: "link", path, target }) as const),
  ]);
  const onDepot: Record<string, string> = { ...files, "demo.files": list };
  return {
    depot: {
      async download(path, targetFile, { onProgress } = {}) {
        const text = onDepot[path.slice("/depot/demo/".length)] ?? "";
        await mkdir(dirname(targetFile), { recursive: true });
        await writeFile(targetFile, text);
        onProgress?.(1, text.length);
        if (sent[path] !== undefined) onProgress?.(sent[path], null);
        onProgress?.(text.length, text.length);
      },
    },
    depotPath: "/depot",
    cacheFolder: join(root, "depot"),
    workFolder: join(root, "tmp"),
    log: silentLog,
    signal: new AbortController().signal,
  };
}

test("the progress ends with all that was to be fetched", async () => {
  const told: [number, number][] = [];
  const options = depot({ "a/one": "12345", two: "1234567" });
  await synchronizeProduct("demo", { ...options, onProgress: (...words) => told.push(words) });
  expect(told.at(-1)).toEqual([12, 12]);
});

test("a link that is right is not touched, so that nothing is missing if the power fails", async () => {
  const options = depot({ "a/file": "x" }, { "b/link": "../a/file", wrong: "a" });
  await synchronizeProduct("demo", options);
  expect(await readlink(join(product(), "b/link"))).toBe("../a/file");
  await rm(join(product(), "wrong"));
  await symlink("/etc", join(product(), "wrong"));
  const before = await readLocalTree(product());
  await synchronizeProduct("demo", options);
  const after = await readLocalTree(product());
  expect(after.get("b/link")).toEqual(before.get("b/link"));
  expect(await readlink(join(product(), "wrong"))).toBe("a");
});

test("what is not listed goes, with all below it; a folder in the place of a file and the other way round too", async () => {
  await synchronizeProduct("demo", depot({ "old/a/b/c": "x", "kept/file": "k", "turns/file": "f", plain: "p" }));
  await synchronizeProduct("demo", depot({ "kept/file": "k", turns: "now a file", "plain/file": "now below" }));
  expect([...(await readLocalTree(product())).keys()].sort()).toEqual(
    ["demo.files", "kept", "kept/file", "plain", "plain/file", "turns"].sort(),
  );
  expect(await readFile(join(product(), "plain/file"), "utf8")).toBe("now below");
  expect(await readdir(join(root, "tmp/demo"))).toEqual(["sums.json"]);
});

test.each<[what: string, path: string, bytes: number, error: RegExp]>([
  ["a file", "/depot/demo/file", 2, /'file': MD5sum mismatch \(local:more than 1 bytes/],
  ["a list", "/depot/demo/demo.files", 200_000_001, /larger than/],
])("%s that does not end does not fill the disk", async (_what, path, bytes, error) => {
  await expect(synchronizeProduct("demo", depot({ file: "x" }, {}, { [path]: bytes }))).rejects.toThrow(error);
  expect((await readLocalTree(product())).size).toBe(0);
});
