import type { Stats } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ConditionHeaders,
  checkConditions,
  entityTag,
  httpSeconds,
  rangeHolds,
  tagMatches,
} from "./conditions.ts";

const time = Date.parse("2023-11-14T22:13:20Z");
const stats = { ino: 7, size: 10, mtimeMs: time + 123 } as Stats;
const tag = entityTag(stats);
const date = (days: number) => new Date(time + days * 86_400_000).toUTCString();
const none: ConditionHeaders = { ifMatch: "", ifNoneMatch: "", ifModifiedSince: "", ifUnmodifiedSince: "" };

test.each<[headers: Partial<ConditionHeaders>, read: unknown, write: unknown]>([
  [{}, "proceed", "proceed"],
  [{ ifNoneMatch: tag }, 304, 412],
  [{ ifNoneMatch: "*" }, 304, 412],
  [{ ifNoneMatch: `"other", W/${tag}` }, 304, 412],
  [{ ifNoneMatch: '"other"', ifModifiedSince: date(1) }, "proceed", "proceed"],
  [{ ifMatch: tag }, "proceed", "proceed"],
  [{ ifMatch: '"other"' }, 412, 412],
  [{ ifMatch: tag, ifUnmodifiedSince: date(-1) }, "proceed", "proceed"],
  [{ ifModifiedSince: date(0) }, 304, "proceed"],
  [{ ifModifiedSince: date(-1) }, "proceed", "proceed"],
  [{ ifModifiedSince: "nonsense" }, "proceed", "proceed"],
  [{ ifUnmodifiedSince: date(0) }, "proceed", "proceed"],
  [{ ifUnmodifiedSince: date(-1) }, 412, 412],
])("%j", (headers, read, write) => {
  expect(checkConditions({ ...none, ...headers }, stats, true)).toBe(read);
  expect(checkConditions({ ...none, ...headers }, stats, false)).toBe(write);
});

test.each([
  ["", true],
  [tag, true],
  ['"other"', false],
  [date(0), true],
  [date(1), false],
  [date(-1), false],
])("a range with If-Range %j holds: %s", (ifRange, expected) => {
  expect(rangeHolds(ifRange, stats)).toBe(expected);
});

test("any header is a date or none, and never an exception", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((day) => day.toUTCString()),
      ),
      (text) => {
        const seconds = httpSeconds(text);
        expect(seconds === null || Number.isInteger(seconds)).toBe(true);
        expect(typeof tagMatches(text, '"a"')).toBe("boolean");
      },
    ),
  );
});
