import fc from "fast-check";
import { expect, test } from "vitest";
import { textWidth, wrapText } from "./text-width.ts";

test.each([
  ["abc", 3],
  ["Grüße", 5],
  ["日本", 4],
  ["e\u0301", 1],
  ["👩‍💻", 2],
])("%s takes %i columns", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test("wrapped lines fit, and nothing but blanks is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 2, max: 20 }), (text, width) => {
      const lines = wrapText(text, width);
      expect(lines.every((line) => textWidth(line) <= width)).toBe(true);
      expect(lines.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    }),
  );
});
