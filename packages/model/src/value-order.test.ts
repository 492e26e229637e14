import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText } from "./python-text.ts";
import { sortedValues, uniqueValues } from "./value-order.ts";

test("texts are ordered by code point, not by UTF-16 unit", () => {
  const texts = ["\u{1f600}", "\uffee", "b", "B", "", "ba"];
  expect(sortedValues(texts)).toEqual(["", "B", "b", "ba", "\uffee", "\u{1f600}"]);
});

test("the order is that of the code points of any texts", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const points = [a, b].map((text) => [...text].map((character) => character.codePointAt(0) ?? 0));
      const [left = [], right = []] = points;
      const index = left.findIndex((point, at) => point !== right[at]);
      const expected = index < 0 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? -1);
      expect(Math.sign(compareText(a, b))).toBe(Math.sign(expected));
    }),
  );
});

test("numbers and booleans can be compared, lists element by element", () => {
  expect(sortedValues([2, true, 0.5, false])).toEqual([false, 0.5, true, 2]);
  expect(sortedValues([["b"], ["a", 2], ["a"]])).toEqual([["a"], ["a", 2], ["b"]]);
});

test("long lists of mixed values fail like short ones", () => {
  expect(() => sortedValues([...Array(100).keys(), "x"])).toThrow("'<' not supported between instances of");
});

test("sorting keeps all values and puts null last where wanted", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constant(null))), (values) => {
      const sorted = sortedValues(values, { nullsLast: true });
      const numbers = values.filter((value) => value !== null).sort((a, b) => a - b);
      expect(sorted).toEqual([...numbers, ...values.filter((value) => value === null)]);
    }),
  );
});

test("the first of equal values stays", () => {
  expect(uniqueValues([1, true, "1", { a: 1, b: 2 }, { b: 2, a: true }, [1], [1.5], [true]])).toEqual([
    1,
    "1",
    { a: 1, b: 2 },
    [1],
    [1.5],
  ]);
});
