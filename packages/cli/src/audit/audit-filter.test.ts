import { expect, test } from "vitest";
import { parseMoment } from "./audit-filter.ts";

const now = Date.parse("2026-03-02T10:00:00Z");

test.each([
  ["30m", "2026-03-02T09:30:00.000Z"],
  ["2h", "2026-03-02T08:00:00.000Z"],
  ["7d", "2026-02-23T10:00:00.000Z"],
  ["2026-01-31", "2026-01-31T00:00:00.000Z"],
  ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"],
])("%s", (text, moment) => expect(parseMoment(text, now)).toBe(moment));

test.each(["yesterday", "2x", "", "-1h", "1234567h"])("'%s' is no time", (text) => {
  expect(() => parseMoment(text, now)).toThrow(`'${text}' is no time`);
});
