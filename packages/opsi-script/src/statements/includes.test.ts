import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runLines } from "../run/test-interpreter.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-includes-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a file that includes itself ends the script, not the machine's memory", () => {
  const file = join(folder, "self.opsiinc");
  writeFileSync(file, `${'set $a$ = "x"\n'.repeat(99)}include_insert "${file}"\n`);
  const { interpreter, log } = runLines(`[Actions]\nSetLogLevel=3\nDefVar $a$\ninclude_insert "${file}"`);
  expect(interpreter.state.fatal).toBe(true);
  expect(log.at(-1)).toContain("more than");
});

test("sections of included files are found, those of the last include first", () => {
  writeFileSync(join(folder, "a.opsiinc"), '[sub_a]\ncomment "=> a"\n[sub_both]\ncomment "=> both of a"\n');
  writeFileSync(join(folder, "b.opsiinc"), '[sub_b]\ncomment "=> b"\n[sub_both]\ncomment "=> both of b"\n');
  writeFileSync(join(folder, "empty.opsiinc"), "; nothing\n");
  const { values, interpreter } = runLines(`[Actions]
include_insert "${folder}/empty.opsiinc"
include_insert "${folder}/empty.opsiinc"
sub_1
sub_2
sub_a
sub_b
sub_both
[sub_1]
include_insert "${folder}/a.opsiinc"
[sub_2]
include_insert "${folder}/b.opsiinc"`);
  expect(values).toEqual(["a", "b", "both of b"]);
  expect(interpreter.included).toHaveLength(3); // Actions and both subs
});

test("files of very many lines can be included", () => {
  const file = join(folder, "large.opsiinc");
  writeFileSync(file, `[sub_large]\n${"; a comment\n".repeat(300_000)}comment "=> large"\n`);
  expect(runLines(`[Actions]\ninclude_append "${file}"\nsub_large`).values).toEqual(["large"]);
});

test("a file that cannot be read ends the script with the reason, which is no defect of ours", () => {
  const file = join(folder, "huge.opsiinc");
  writeFileSync(file, "");
  truncateSync(file, 3 * 1024 ** 3); // more than can be read at once
  for (const statement of ["include_insert", "include_append", "importlib", "sub"]) {
    const { interpreter, log } = runLines(`[Actions]\n${statement} "${file}"\ncomment "=> on"`);
    expect(interpreter.state.fatal).toBe(true);
    expect(log.at(-1)).toMatch(/^File cannot be read: /);
  }
});
