import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runLines } from "../run/test-interpreter.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-beyond-ascii-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

// the last byte of à and Š is 0xA0: as a character of its own a blank to JavaScript, not to the language
test.each([
  ["Patches", "add [voilà] Š=Š\nreplace Š=Š à=à", "[voilà]\nà=à\n"],
  ["PatchHosts", "setAddr name 10.0.0.1\nsetComment name voilà", "10.0.0.1\tname\t\t# voilà\n"],
  [
    "PatchTextFile",
    'AddStringListElement_To_Mozilla_Pref ("f", "k", "à")\nAddStringListElement_To_Mozilla_Pref ("f", "k", "à")',
    'f("k", "à");\n',
  ],
])("%s keeps characters whose last byte looks like a blank", (type, lines, expected) => {
  const { interpreter } = runLines(`[Actions]\n${type}_x "${folder}/file"\n[${type}_x]\n${lines}`);
  expect(interpreter.state.errors).toBe(0);
  expect(readFileSync(join(folder, "file"), "utf8")).toBe(expected);
});

test("XML2 keeps the encoding that a file declares", () => {
  const file = join(folder, "file");
  writeFileSync(file, '<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>Käse</a>\n', "latin1");
  const { interpreter } = runLines(`[Actions]\nXML2_x "${file}"\n[XML2_x]\nstrictMode = false`);
  expect(interpreter.state.errors).toBe(0);
  expect(readFileSync(file, "latin1")).toContain("<a>Käse</a>");
});
