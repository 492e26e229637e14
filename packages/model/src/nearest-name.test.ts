import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test.each([
  ["prot", "port"],
  ["sesion-lifetime", "session-lifetime"],
  ["pakage make", "package make"],
  ["zzzz", null],
  ["", null],
])("%j means %j", (given, meant) => {
  expect(nearestName(given, ["package make", "port", "session-lifetime"])).toBe(meant);
});

test("of equally near names the first is meant", () => {
  expect(nearestName("lost", ["list", "last"])).toBe("list");
});
