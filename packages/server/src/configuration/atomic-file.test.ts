import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { writeFileAtomically } from "./atomic-file.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "atomic-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("a new file is for the group, one that is there keeps its permissions", () => {
  const path = join(newFolder(), "file");
  writeFileAtomically(path, "one");
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["one", "660"]);
  writeFileSync(path, "", { mode: 0o600 });
  writeFileAtomically(path, "two", 0o600);
  writeFileAtomically(path, "three");
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["three", "600"]);
});

test("a link stays one, and what it leads to is replaced", () => {
  const folder = newFolder();
  const [link, file] = [join(folder, "link"), join(folder, "file")];
  writeFileSync(file, "old");
  symlinkSync("file", link);
  writeFileAtomically(link, "new");
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(readdirSync(folder).sort()).toEqual(["file", "link"]);
});

test("what cannot take its place leaves nothing behind", () => {
  const folder = newFolder();
  mkdirSync(join(folder, "name"));
  expect(() => writeFileAtomically(join(folder, "name"), "new")).toThrow("EISDIR");
  expect(readdirSync(folder)).toEqual(["name"]);
});

// A service that ran as root once took opsi.conf away from the administrators' group.
test.skipIf(process.getuid?.() !== 0)("the owner stays", () => {
  const path = join(newFolder(), "file");
  writeFileSync(path, "old");
  chownSync(path, 1234, 2345);
  writeFileAtomically(path, "new");
  expect(statSync(path)).toMatchObject({ uid: 1234, gid: 2345 });
});
