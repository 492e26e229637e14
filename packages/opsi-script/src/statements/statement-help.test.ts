import { expect, test } from "vitest";
import { statementNames } from "../language/parser.ts";
import { sectionTypes } from "../language/section-types.ts";
import { sectionHelp, statementHelp } from "./statement-help.ts";

test("there is help for every statement, and for nothing else", () => {
  expect([...statementHelp.keys()].sort()).toEqual([...statementNames].sort());
});

test("names of sections are spelled as usual", () => {
  expect(sectionTypes.filter((type) => !sectionHelp[type].name.toLowerCase().startsWith(type))).toEqual([]);
});
