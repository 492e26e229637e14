import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runLines } from "../run/test-interpreter.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-files-section-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const write = (name: string, text = name) => writeFileSync(path(name), text);
const read = (name: string) => readFileSync(path(name), "utf8");

/** Runs lines of a Files section; `DIR` stands for the folder of the test. */
function run(...lines: string[]) {
  const { interpreter, log } = runLines(`[Actions]\nFiles_x\n[Files_x]\n${lines.join("\n").replaceAll("DIR", folder)}`);
  const { errors, warnings, fatal } = interpreter.state;
  return { log, counts: { errors, warnings, fatal } };
}

test.each(["rename", "move", "hardlink", "symlink"])("%s of a file to itself leaves it alone", (command) => {
  write("a");
  symlinkSync(folder, path("way"));
  const { counts } = run(`${command} DIR/a DIR/a`, `${command} DIR/a DIR/way/a`);
  expect(counts).toEqual({ errors: 0, warnings: 2, fatal: false });
  expect(read("a")).toBe("a");
});

test("a file, a link and a folder take the place of a file", () => {
  for (const name of ["a", "b", "c", "d", "x", "y", "z", "twin"]) write(name);
  linkSync(path("d"), path("other d"));
  mkdirSync(path("folder"));
  const { counts } = run(
    "move DIR/a DIR/x",
    "symlink DIR/b DIR/y",
    "rename DIR/folder DIR/z",
    "hardlink DIR/c DIR/twin",
    'rename DIR/d "DIR/other d"',
  );
  expect(counts).toEqual({ errors: 0, warnings: 0, fatal: false });
  expect(readdirSync(folder).sort()).toEqual(["b", "c", "other d", "twin", "x", "y", "z"]);
  expect([read("x"), readlinkSync(path("y")), readdirSync(path("z")), read("twin")]).toEqual(["a", path("b"), [], "c"]);
});

test("a folder is not copied into itself again and again", () => {
  mkdirSync(path("source/sub"), { recursive: true });
  write("source/a");
  write("source/sub/b");
  const { counts } = run("copy -s DIR/source/* DIR/source/backup");
  expect(counts).toEqual({ errors: 0, warnings: 1, fatal: false });
  expect(readdirSync(path("source/backup"), { recursive: true }).sort()).toEqual(["a", "sub", "sub/b"]);
});

test("links that lead back are not followed in circles", () => {
  mkdirSync(path("source/sub"), { recursive: true });
  write("source/sub/b");
  symlinkSync("..", path("source/sub/up"));
  symlinkSync("sub", path("source/same"));
  run("copy -sh DIR/source/* DIR/target");
  expect(readdirSync(path("target"), { recursive: true }).sort()).toEqual(["same", "same/b", "sub", "sub/b"]);
});

test("names beyond ASCII are readable in the log and break no line of it", () => {
  const name = "Prüfung \u010a[1] forged"; // its low byte is a line feed
  write(name);
  mkdirSync(path("target"));
  mkdirSync(path(`target/${name}`));
  const { log } = run("copy DIR/Pr* DIR/target", `chmod 755 "DIR/${name}/x"`, "del DIR/Pr*");
  expect(existsSync(path(name))).toBe(false);
  const lines = log.filter((line) => line.includes("forged"));
  expect(lines.length).toBe(3);
  for (const line of lines) expect(Buffer.from(line, "latin1").toString()).toContain(name);
});
