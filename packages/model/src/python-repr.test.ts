import fc from "fast-check";
import { expect, test } from "vitest";
import { pythonRepr, pythonString } from "./python-repr.ts";

test.each([
  ["plain", "'plain'"],
  ["it's", `"it's"`],
  [`it's "so"`, `'it\\'s "so"'`],
  ["tab\t line\n back\\slash", "'tab\\t line\\n back\\\\slash'"],
  ["äß€ 😀", "'äß€ 😀'"],
  ["\u0000\u007f\u00a0\u00ad", "'\\x00\\x7f\\xa0\\xad'"],
  ["\u200b\u3000\ud800", "'\\u200b\\u3000\\ud800'"],
  ["\u{e0001}", "'\\U000e0001'"],
  [null, "None"],
  [true, "True"],
  [5, "5"],
  [1.5, "1.5"],
  [1e-7, "1e-07"],
  [0.0001, "0.0001"],
  [2 ** 70, "1180591620717411303424"],
  [["a", null, [false]], "['a', None, [False]]"],
  [{ a: 1, "b'": {} }, `{'a': 1, "b'": {}}`],
  [new Uint8Array([65, 39, 0]), `b"A'\\x00"`],
])("%j is printed as Python prints it", (value, text) => {
  expect(pythonRepr(value)).toBe(text);
});

test("a text stands for itself where Python uses str()", () => {
  expect([pythonString("a'b"), pythonString(null), pythonString(["x"])]).toEqual(["a'b", "None", "['x']"]);
});

test("any JSON value can be printed in one line", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => !/[\n\r\t]/.test(pythonRepr(value))));
});
