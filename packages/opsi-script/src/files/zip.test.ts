import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isZip, unpackZip, writeZip, ZipProblem } from "./zip.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-zip-"));
  mkdirSync(join(folder, "in/sub/empty"), { recursive: true });
  writeFileSync(join(folder, "in/ä.txt"), "text ".repeat(1000));
  writeFileSync(join(folder, "in/sub/b.bin"), Buffer.from([0, 255, 1]), { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a folder comes back as it was", () => {
  writeZip(join(folder, "in"), join(folder, "z.zip"));
  unpackZip(join(folder, "z.zip"), join(folder, "out"));
  expect(readFileSync(join(folder, "out/ä.txt"), "utf8")).toBe("text ".repeat(1000));
  expect([...readFileSync(join(folder, "out/sub/b.bin"))]).toEqual([0, 255, 1]);
  expect(existsSync(join(folder, "out/sub/empty"))).toBe(true);
  expect(isZip(join(folder, "z.zip"))).toBe(true);
});

test("links to folders are followed, but not in circles; links to files are left out", () => {
  symlinkSync("..", join(folder, "in/sub/up"));
  symlinkSync("ä.txt", join(folder, "in/link.txt"));
  writeZip(join(folder, "in"), join(folder, "z.zip"));
  unpackZip(join(folder, "z.zip"), join(folder, "out"));
  expect(existsSync(join(folder, "out/link.txt"))).toBe(false);
});

test("links that lead to each other are followed once", () => {
  mkdirSync(join(folder, "other"));
  symlinkSync("../other", join(folder, "in/a"));
  symlinkSync("../in", join(folder, "other/b"));
  writeZip(join(folder, "in"), join(folder, "z.zip"));
  unpackZip(join(folder, "z.zip"), join(folder, "out"));
  expect(readdirSync(join(folder, "out")).sort()).toEqual(["a", "sub", "ä.txt"]);
  expect(readdirSync(join(folder, "out/a"))).toEqual([]);
});

test("the root directory is a folder, too", () => {
  mkdirSync(join(folder, "deep", folder, "made"), { recursive: true });
  writeZip(join(folder, "deep"), join(folder, "z.zip"));
  unpackZip(join(folder, "z.zip"), "/");
  expect(existsSync(join(folder, "made"))).toBe(true);
});

test("content that was damaged on its way is not unpacked", () => {
  writeZip(join(folder, "in/sub/b.bin"), join(folder, "z.zip"));
  const data = readFileSync(join(folder, "z.zip"));
  const at = data.indexOf(Buffer.from([0, 255, 1]));
  data[at + 1] = 254;
  writeFileSync(join(folder, "z.zip"), data);
  expect(() => unpackZip(join(folder, "z.zip"), join(folder, "out"))).toThrow(/checksum/);
  expect(existsSync(join(folder, "out/b.bin"))).toBe(false);
});

// the limit of what an archive unpacks to counts the sizes that it states
test("content of another size than stated is not unpacked", () => {
  writeZip(join(folder, "in/sub/b.bin"), join(folder, "z.zip"));
  const data = readFileSync(join(folder, "z.zip"));
  data.writeUInt32LE(0, data.indexOf(Buffer.from("PK\x01\x02", "latin1")) + 24);
  writeFileSync(join(folder, "z.zip"), data);
  expect(() => unpackZip(join(folder, "z.zip"), join(folder, "out"))).toThrow(/size/);
  expect(existsSync(join(folder, "out/b.bin"))).toBe(false);
});

test("no archive, a broken one, and one that wants to leave its folder are refused", () => {
  writeFileSync(join(folder, "x"), "no archive at all, but long enough to be one");
  expect(() => unpackZip(join(folder, "x"), join(folder, "out"))).toThrow(ZipProblem);
  writeZip(join(folder, "in/ä.txt"), join(folder, "z.zip"));
  const data = readFileSync(join(folder, "z.zip"));
  writeFileSync(join(folder, "short.zip"), data.subarray(10));
  expect(() => unpackZip(join(folder, "short.zip"), join(folder, "out"))).toThrow();
  const name = Buffer.from("ä.txt");
  const evil = Buffer.from("../e.x");
  for (let at = data.indexOf(name); at >= 0; at = data.indexOf(name, at + 1)) evil.copy(data, at);
  writeFileSync(join(folder, "evil.zip"), data);
  expect(() => unpackZip(join(folder, "evil.zip"), join(folder, "out"))).toThrow(/leads out/);
  expect(existsSync(join(folder, "e.x"))).toBe(false);
});
