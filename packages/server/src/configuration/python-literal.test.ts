import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { pythonAssignments } from "./python-literal.ts";
import { readPythonFile } from "./read-python-file.ts";

test.each([
  ["x = 1", 1],
  ["x = -2.5e3", -2500],
  ["x = True", true],
  ["x = None # nothing", null],
  ["x = 'it''s'", "its"],
  [`x = "a" 'b' """c"""`, "abc"],
  [String.raw`x = 'a\n\'\x41\u00e4\\'`, "a\n'Aä\\"],
  [String.raw`x = r'C:\temp'`, String.raw`C:\temp`],
  [String.raw`x = '[HKEY\SOFTWARE]x'`, String.raw`[HKEY\SOFTWARE]x`],
  ["x = [1, (2, 3), [], {},]", [1, [2, 3], [], {}]],
  ["x = {\n  'a': [True], # one\n  \"b\": '''two\nlines''',\n}", { a: [true], b: "two\nlines" }],
  ["x = {'__proto__': 1}", JSON.parse('{"__proto__": 1}')],
  ["x = 0x10 + 1_000 + 0b1", 1017],
  ["x = (5)", 5],
  ["x = 'one ' \\\n  'two'", "one two"],
  ["x = b'bytes'.decode('ascii')", "bytes"],
  ["here = '10.0.0.1'; x = {'next-server': here}", { "next-server": "10.0.0.1" }],
  ["x = dict(a='My' + 'SQL', b=[1] + [2],)", { a: "MySQL", b: [1, 2] }],
  ["x = {'a': 1}\nx = {'a': 2}\nx['b'] = 3", { a: 2, b: 3 }],
  ["x = {}\nx['__proto__'] = 1", JSON.parse('{"__proto__": 1}')],
])("%s", (source, value) => {
  expect(pythonAssignments(source).get("x")).toEqual(value);
});

test.each([
  ...["x", "x =", "x = f(1)", "x = [1", "x = 'a", "x = {1}", "import os", "x = 1 + 'a'", "x = [1 2]", " x = 1"],
  ...["x = y", "x['a'] = 1", "x = 1 y = 2", "x = 'a'.lower()", "x = -'a'", "x = f'{1}'", "x = os.environ['A']"],
])("%j is not read", (source) => {
  expect(() => pythonAssignments(source)).toThrow(
    /^Backend configuration error: Unexpected '.*' in line 1: a value was expected, code is not run$/,
  );
});

test("JSON without its own words reads the same", () => {
  const text = fc.string({ unit: "binary" });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(text, fc.integer(), fc.array(tie("value")), fc.dictionary(text, tie("value"))),
  }));
  fc.assert(
    fc.property(value, (given) => {
      const source = JSON.stringify(given).replaceAll(/[\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
      expect(pythonAssignments(`x = ${source}`).get("x")).toEqual(JSON.parse(source));
    }),
  );
});

test("tuples in tuples take no longer than they are long", () => {
  const depth = 200;
  const expected = JSON.parse(`${"[".repeat(depth)}1${"]".repeat(depth)}`);
  expect(pythonAssignments(`x = ${"(".repeat(depth)}1${",)".repeat(depth)}`).get("x")).toEqual(expected);
});

test("an encoding that the file names is understood, any other text must be UTF-8", () => {
  const folder = mkdtempSync(join(tmpdir(), "python-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "x.conf");
  const read = (text: string) => {
    writeFileSync(path, text, "latin1");
    return readPythonFile(path).get("x");
  };
  expect(read("#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = 'größe'")).toBe("größe");
  expect(() => read("y = 1\nx = 'größe'")).toThrow(`${path} cannot be read: Line 2 is not in utf-8`);
  expect(() => read("x = 1\nx = exit()")).toThrow(`${path} cannot be read: Unexpected 'exit' in line 2`);
});
