import fc from "fast-check";
import { expect, test } from "vitest";
import { requestedRange } from "./ranges.ts";

test.each<[header: string, expected: [number, number] | "unsatisfiable" | null]>([
  ["", null],
  ["bytes=0-0", [0, 0]],
  ["bytes=3-6", [3, 6]],
  ["bytes=5-", [5, 9]],
  ["bytes=-3", [7, 9]],
  ["bytes=-20", [0, 9]],
  ["bytes=5-1000000", [5, 9]],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-2", "unsatisfiable"],
  ["bytes=-", "unsatisfiable"],
  ["bytes=x", "unsatisfiable"],
  ["anything=1-2", [1, 2]],
  // several: those that touch are joined, of the rest the last one in the file is sent
  ["bytes=0-1,2-3", [0, 3]],
  ["bytes=0-4, 2-6", [0, 6]],
  ["bytes=6-7,0-1", [6, 7]],
  ["bytes=0-0,-1", [9, 9]],
  ["bytes=0-1,100-200", [0, 1]],
  ["bytes=0-9,3-4", [0, 9]],
])("%j of ten bytes", (header, expected) => {
  const range = requestedRange(header, 10);
  expect(Array.isArray(expected) ? range : (range as unknown)).toEqual(
    Array.isArray(expected) ? { start: expected[0], end: expected[1] } : expected,
  );
});

test("an empty file is sent whole, whatever is asked for", () => {
  expect(requestedRange("bytes=0-5", 0)).toBeNull();
});

test.each(["bytes={}x", "bytes=1{}x", "bytes=-{}x", "bytes=1{}-{}x"])(
  "blanks without end hold nobody up: %s",
  (form) => {
    const started = performance.now();
    expect(requestedRange(form.replaceAll("{}", " ".repeat(30_000)), 10)).toBe("unsatisfiable");
    expect(performance.now() - started).toBeLessThan(300);
  },
);

test("any header gives a range inside the file, or none", () => {
  const numbers = fc.oneof(fc.constant(""), fc.nat(50).map(String));
  const ranges = fc
    .array(fc.tuple(numbers, numbers).map(([a, b]) => `${a}-${b}`))
    .map((parts) => `bytes=${parts.join(",")}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), ranges), fc.nat(40), (header, size) => {
      const range = requestedRange(header, size);
      if (range === null || range === "unsatisfiable") return;
      expect(range.start).toBeLessThanOrEqual(range.end);
      expect(range.end).toBeLessThan(size);
      expect(range.start).toBeGreaterThanOrEqual(0);
    }),
  );
});
