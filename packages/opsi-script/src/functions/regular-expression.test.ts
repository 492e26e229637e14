import { expect, test } from "vitest";
import { compilePattern } from "./regular-expression.ts";

test.each<[pattern: string, text: string, found: readonly string[]]>([
  ["(?i)ab", "xAB", ["AB"]],
  ["a(?i)b", "AB aB", ["aB"]],
  ["foo(?i)x|bar", "fooX FOOx foobar BAR", ["fooX", "bar", "BAR"]],
  ["(a(?i)b|c)d", "aBd Cd ad acd", ["aBd", "Cd", "cd"]],
  ["((?i)a)b", "Ab AB", ["Ab"]],
  ["(?i)a(?-i)b|c", "Ab AB c C", ["Ab", "c"]],
  ["(?x)a b # a comment\n|c", "ab c", ["ab", "c"]],
  ["(?x) \xc3\xa0 b", "\xc3\xa0b", ["\xc3\xa0b"]], // à: its last byte is no blank
  ["[]|]", "a|]", ["|", "]"]],
  ["a\\|b", "a|b", ["a|b"]],
])("%s in %s", (pattern, text, found) => {
  expect(text.match(compilePattern(pattern)) ?? []).toEqual(found);
});
