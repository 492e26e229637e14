import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runScript } from "../index.ts";
import { runLines } from "../run/test-interpreter.ts";
import { toText } from "../text/bytes.ts";

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

test("the reason why a file cannot be read stands in the log as it is spelled", () => {
  const { log } = runLines(`[Actions]
DefStringList $list$ = loadTextFile("/nirgends/ä€.txt")
comment getValueFromFile("k", "/nirgends/ä€.txt")`);
  const complaints = log.map(toText).filter((line) => line.includes("ENOENT"));
  expect(complaints.map((line) => line.match(/ä€\.txt/g)?.length)).toEqual([2, 2]); // as given, and in the reason
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

/** A file that takes no room on the disk but is larger than what can be read in one piece. */
function writeLarge(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "\ufeffstart");
  truncateSync(path, 2 * 1024 ** 3);
  appendFileSync(path, "end");
  return path;
}

test("only the start of a file is read for its byte order mark", () => {
  const { values } = runLines(`[Actions]\ncomment "=> " + boolToString(fileHasBom("${writeLarge("large")}"))`);
  expect(values).toEqual(["True"]);
});

test("a log of any size can be shrunk", () => {
  const path = writeLarge("large.log");
  const { interpreter } = runLines(`[Actions]\nShrinkFileToMB "${path}" 2`);
  const data = readFileSync(path);
  expect([interpreter.state.warnings, data.length, data.subarray(-4).toString()]).toEqual([0, 2 * 1024 ** 2, "\0end"]);
});

test("a file of several blocks keeps its last bytes, and has the hash of all", () => {
  const path = join(folder, "log");
  const content = randomBytes(2.7 * 1024 ** 2);
  writeFileSync(path, content);
  const md5 = createHash("md5").update(content).digest("hex");
  const { values } = runLines(`[Actions]
comment "=> " + md5sumFromFile("${path}")
ShrinkFileToMB "${path}" 2`);
  expect(values).toEqual([md5]);
  expect(readFileSync(path).equals(content.subarray(-2 * 1024 ** 2))).toBe(true);
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
