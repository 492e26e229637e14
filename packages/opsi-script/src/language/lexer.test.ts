import fc from "fast-check";
import { expect, test } from "vitest";
import { Cursor, stops } from "./lexer.ts";
import { SyntaxProblem } from "./problems.ts";

test("words end at a stop character, blanks behind them are skipped", () => {
  const cursor = new Cursor("  $a-b$ \t= x");
  expect([cursor.word(stops.name), cursor.rest]).toEqual(["$a-b$", "= x"]);
});

test("prefixes ignore the case and do not look for the end of a word", () => {
  const cursor = new Cursor("ANDmore");
  expect([cursor.skip("and"), cursor.rest, cursor.skip("and")]).toEqual([true, "more", false]);
});

test.each([
  ['"a\'b" rest', "a'b", "rest"],
  ["'a\\' rest", "a\\", "rest"],
  ['""', "", ""],
])("literal %s", (text, value, rest) => {
  const cursor = new Cursor(text);
  expect([cursor.literal(), cursor.rest]).toEqual([value, rest]);
});

test("a literal has an end", () => {
  expect(() => new Cursor('"open').literal()).toThrow(SyntaxProblem);
  expect(() => new Cursor("bare").literal()).toThrow(SyntaxProblem);
});

test("inside of sections the doubled quote is one", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const cursor = new Cursor(`"${text.replaceAll('"', '""')}" x`);
      expect([cursor.sectionLiteral(), cursor.rest]).toEqual([text, "x"]);
    }),
  );
});
