import { isOpsiError } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, versionFulfills } from "./version.ts";

// packages 2.1
test.each([
  ["1.0-1", "=", "1-1"],
  ["1.10-1", ">", "1.9-9"],
  ["1.0-10", ">", "1.0-2"],
  ["1.0rc1-1", "<", "1.0-1"],
  ["1.0a-1", "<", "1.0-1"],
  ["1.0z-1", ">", "1.0-1"],
  ["1.0-1", ">", "1.0"],
  ["1.0-1~site", "=", "1.0-1"],
])("%s %s %s", (left, condition, right) => {
  expect(versionFulfills(left, condition, right)).toBe(true);
  expect(versionFulfills(right, { "=": "==", "<": ">", ">": "<" }[condition] ?? "", left)).toBe(true);
});

test("a bad version is an error that names it", () => {
  expect(() => compareVersions("1_0", "1")).toThrow("Bad package version provided: '1_0'");
  expect(() => compareVersions("1", "1-2-3")).toThrow("Bad package version provided: '1-2-3'");
});

test("any two texts are compared the same way round, or refused", () => {
  const version = fc.stringMatching(/^[a-z0-9.-]{1,12}$/);
  fc.assert(
    fc.property(version, version, (left, right) => {
      try {
        expect(Math.sign(compareVersions(left, right))).toBe(-Math.sign(compareVersions(right, left)) + 0);
      } catch (error) {
        expect(isOpsiError(error, "ValueError")).toBe(true);
      }
    }),
  );
});
