import { expect, test } from "vitest";
import { pythonPattern } from "./python-pattern.ts";

test.each([
  ["host_get.*", "host_getObjects", true],
  ["host_get", "xhost_get", false],
  ["a|b", "xb", false],
  ["(?i)HOST_.*", "host_getObjects", true],
  ["(?au)host", "HOST", false],
  ["(?P<kind>host|config)_(?P=kind)", "config_config", true],
  [String.raw`\Ahost\Z`, "host_", false],
  [String.raw`host\\Z`, String.raw`host\Z`, true],
])("%s in %s", (pattern, text, matches) => {
  expect(pythonPattern(pattern, "begin").test(text)).toBe(matches);
});

test.each(["(?", "*a", "(?P<1>a)", "[z-a]", "a)|(b"])("%s is none", (pattern) => {
  expect(() => pythonPattern(pattern, "begin")).toThrow(SyntaxError);
});

test("anywhere in a text", () => {
  expect(pythonPattern("HOST_", "anywhere").test("xhost_")).toBe(false);
  expect(pythonPattern("(?i)HOST_", "anywhere").test("xhost_")).toBe(true);
});
