import fc from "fast-check";
import { expect, test } from "vitest";
import { segmentsOf } from "./folder.ts";
import { decodePath, destinationPath, encodeHref } from "./href.ts";

test.each([
  ["/depot/a%20b", "/depot/a b"],
  ["https://server:4447/depot/c%C3%A4", "/depot/cä"],
  ["https://SERVER:4447/depot/x?y#z", "/depot/x"],
  ["http://server:4447/depot/x", null],
  ["https://other/depot/x", null],
  ["relative", null],
  ["/depot/%ff", null],
  ["", null],
])("destination %j", (destination, expected) => {
  expect(destinationPath(destination, "server:4447")).toBe(expected);
});

test("what was encoded is decoded again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (path) => {
      expect(decodePath(encodeHref(path))).toBe(path);
      expect(encodeHref(path)).toMatch(/^[\x21-\x7e]*$/);
    }),
  );
});

test("no path leads out of its folder", () => {
  const pieces = fc.array(fc.constantFrom("..", ".", "/", "a", "\\", "%2e", "//", "\0", " "));
  fc.assert(
    fc.property(
      pieces.map((parts) => parts.join("")),
      (path) => {
        let segments: string[];
        try {
          segments = segmentsOf(path);
        } catch {
          return;
        }
        expect(segments.some((segment) => segment === ".." || segment === "" || segment.includes("/"))).toBe(false);
      },
    ),
  );
});
