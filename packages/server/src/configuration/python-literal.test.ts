import fc from "fast-check";
import { expect, test } from "vitest";
import { pythonAssignments } from "./python-literal.ts";

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
])("%s", (source, value) => {
  expect(pythonAssignments(source).get("x")).toEqual(value);
});

test.each(["x", "x =", "x = f(1)", "x = [1", "x = 'a", "x = {1}", "import os", "x = 1 + 1", "x = [1 2]"])(
  "%s is no literal",
  (source) => {
    expect(() => pythonAssignments(source)).toThrow(/^Backend configuration error: Unexpected '.*' in line 1$/);
  },
);

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
