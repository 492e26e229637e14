import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkFiles } from "./check-files.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-check-files-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const check = (...names: string[]) =>
  checkFiles(names.map((name) => join(folder, name))).diagnostics.map(
    ({ file, line, severity, code }) => `${file.slice(folder.length + 1)}:${line} ${severity} ${code}`,
  );

test("what a script of the folder includes is not checked by itself as well", () => {
  mkdirSync(join(folder, "product/lib"), { recursive: true });
  write("product/setup.opsiscript", '[Actions]\nDefVar $a$\ninclude_append "lib/subs.opsiinc"\nsub_x\n');
  write("product/lib/subs.opsiinc", "[sub_x]\nMessage $b$\n");
  write("product/other.opsiinc", "[sub_y]\nMessage $unknown$\nset $a$ = \n");
  expect(check("product")).toEqual([
    "product/lib/subs.opsiinc:2 error undefined-variable",
    "product/other.opsiinc:3 error syntax",
  ]);
});

test("a file in other capitals is found by Windows only", () => {
  mkdirSync(join(folder, "Lib"));
  write("Lib/Inc.opsiinc", "DefVar $inc$\n");
  write("case.opsiscript", '[Actions]\ninclude_insert "%ScriptPath%\\lib\\inc.OpsiInc"\nMessage $inc$\n');
  expect(check("case.opsiscript")).toEqual(["case.opsiscript:2 warning missing-file"]);
});

test("names that no file can have, folders, and files without end are missing files", () => {
  symlinkSync("/dev/zero", join(folder, "zero.opsiinc"));
  write(
    "odd.opsiscript",
    `[Actions]\ninclude_insert "a\0b"\ninclude_insert "${"x/".repeat(50_000)}"\ninclude_insert "Lib"\ninclude_insert "zero.opsiinc"\n`,
  );
  expect(check("odd.opsiscript")).toEqual([2, 3, 4, 5].map((line) => `odd.opsiscript:${line} error missing-file`));
  expect(() => check("zero.opsiinc")).toThrow("zero.opsiinc: no file that can be read");
});
