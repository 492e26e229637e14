import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runScript } from "../index.ts";
import { runLines } from "../test-interpreter.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** For the system a mistake of the caller, not a missing file; so is a directory that a user may not enter. */
const impossible = "x".repeat(5000);

test.each([
  `boolToString(FileExists("${impossible}"))`,
  `boolToString(FileExists("${impossible}/*"))`,
  `boolToString(DirectoryExists("${impossible}"))`,
  `boolToString(FileOrFolderExists("${impossible}"))`,
  `boolToString(fileIsSymlink("${impossible}"))`,
])("a path that cannot be looked at is a path without a file", (expression) => {
  expect(runLines(`[Actions]\ncomment "=> " + ${expression}`).values).toEqual(["False"]);
});

test("a script goes on where it cannot go", () => {
  const { values, interpreter } = runLines(`[Actions]
changeDirectory "${impossible}"
comment "=> " + count(listFiles("${impossible}", "*", "true"))
comment "=> further"`);
  expect([values, interpreter.state.fatal]).toEqual([["0", "further"], false]);
  const { log } = runLines(`[Actions]\ninclude_insert "${impossible}"`);
  expect(log.join("\n")).toContain("include_insert: file not found");
});

test("properties.conf that cannot be read is told, and the default holds", () => {
  mkdirSync(join(folder, "properties.conf"));
  const file = join(folder, "setup.opsiscript");
  writeFileSync(file, '[Actions]\ncomment GetProductProperty("p", "default")\n');
  const lines: string[] = [];
  const { exitCode, warnings } = runScript({ file, logFile: null, onLine: (_level, text) => lines.push(text) });
  expect([exitCode, warnings]).toEqual([0, 1]);
  expect(lines).toContain("comment: default");
});

test("files are listed in all folders, links to folders are not entered", () => {
  mkdirSync(join(folder, "a/b"), { recursive: true });
  for (const name of ["1.txt", "a/2.txt", "a/b/3.txt", "a/b/4.ini"]) writeFileSync(join(folder, name), "");
  symlinkSync(folder, join(folder, "a/up"));
  const { values } = runLines(`[Actions]
comment "=> " + composeString(listFiles("${folder}", "*.txt", "true"), ",")
comment "=> " + composeString(listFiles("${folder}", "*.txt;*.ini", "false"), ",")
comment "=> " + boolToString(FileExists("${folder}/a/b/*.in?"))`);
  expect([values[0]?.split(",").sort(), values.slice(1)]).toEqual([
    ["1.txt", "a/2.txt", "a/b/3.txt"].map((name) => join(folder, name)),
    [join(folder, "1.txt"), "True"],
  ]);
});
