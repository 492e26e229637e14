import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ContentEntry, formatContentFile, parseContentFile, readContents } from "./content-file.ts";

// packages 1.9
const example = [
  "d 'sub' 0 ",
  "f 'setup.opsiscript' 1834 0cc175b9c0f1b6a831c399e269772661",
  "f 'sub/it\\'s.txt' 12 92eb5ffee6ae2fec3ad71c777531578f",
  "l 'old' 0 'sub/target'",
].join("\n");

test("the example of the format is read and written", () => {
  const entries = parseContentFile(example);
  expect(entries).toEqual([
    { type: "directory", path: "sub" },
    { type: "file", path: "setup.opsiscript", size: 1834, md5: "0cc175b9c0f1b6a831c399e269772661" },
    { type: "file", path: "sub/it's.txt", size: 12, md5: "92eb5ffee6ae2fec3ad71c777531578f" },
    { type: "link", path: "old", target: "sub/target" },
  ]);
  expect(formatContentFile(entries)).toBe(example);
});

test("what was written is read again", () => {
  const path = fc.stringMatching(/^[a-zäöü'" .{}$\n]{1,20}$/u).filter((name) => name.trim() !== "");
  const entry: fc.Arbitrary<ContentEntry> = fc.oneof(
    fc.record({ type: fc.constant("directory" as const), path }),
    fc.record({ type: fc.constant("file" as const), path, size: fc.nat(), md5: fc.stringMatching(/^[0-9a-f]{32}$/) }),
    fc.record({ type: fc.constant("link" as const), path, target: path }),
  );
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      expect(parseContentFile(formatContentFile(entries))).toEqual(entries);
    }),
  );
});

test("whatever stands in a content file: entries or a typed error", () => {
  const piece = fc.oneof(fc.constantFrom("d '", "f '", "' 0 ", "\\'", "\n", "'"), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        parseContentFile(pieces.join(""));
      } catch (error) {
        expect(isOpsiError(error, "ValueError")).toBe(true);
      }
    }),
  );
});

test("links count as what they lead to, but directories behind links are not entered", async () => {
  const folder = await mkdtemp(join(tmpdir(), "content-"));
  try {
    await mkdir(join(folder, "dir"));
    await writeFile(join(folder, "dir/a"), "a");
    await writeFile(join(folder, "p.files"), "not listed");
    await symlink("dir/a", join(folder, "to-file"));
    await symlink("dir", join(folder, "to-dir"));
    await symlink("nowhere", join(folder, "broken"));
    const broken: string[] = [];
    const entries = await readContents(folder, { except: "p.files", onBrokenLink: (path) => broken.push(path) });
    const md5 = "0cc175b9c0f1b6a831c399e269772661";
    expect(entries).toEqual([
      { type: "directory", path: "dir" },
      { type: "file", path: "dir/a", size: 1, md5 },
      { type: "directory", path: "to-dir" },
      { type: "file", path: "to-file", size: 1, md5 },
    ]);
    expect(broken).toEqual(["broken"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
