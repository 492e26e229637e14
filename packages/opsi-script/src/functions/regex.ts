import { AbandonedExpression } from "../language/problems.ts";
import { level } from "../log/log.ts";
import type { Context } from "../run/context.ts";
import { trim } from "../text/bytes.ts";
import { builtin } from "./builtin.ts";
import { compilePattern, PatternProblem, replacePattern } from "./regular-expression.ts";

const isBlank = (text: string) => trim(text) === "";

/** Several patterns are alternatives; blank ones do not count. `null`: nothing to search for, or broken (logged). */
function compile(context: Context, given: string | readonly string[]): RegExp | null {
  const pattern = typeof given === "string" ? given : given.filter((one) => !isBlank(one)).join("|");
  if (pattern === "") return null;
  try {
    return compilePattern(pattern);
  } catch (problem) {
    if (!(problem instanceof PatternProblem)) throw problem;
    context.log.write(level.error, `Bad regular expression "${pattern}": ${problem.message}`);
    return null;
  }
}

const matches = (pattern: RegExp, text: string) => {
  pattern.lastIndex = 0;
  return pattern.test(text);
};

export const isRegexMatch = builtin({
  name: "isRegexMatch",
  parameters: [
    { name: "text", type: "string" },
    { name: "pattern", type: "string" },
  ],
  returns: "boolean",
  doc: "Whether the pattern matches somewhere in the text; never in a blank text.",
  examples: [
    ['isRegexMatch("abc", "^a.c$")', true],
    ['isRegexMatch(" ", "\\s")', false],
  ],
  run: (context, text, given) => {
    if (isBlank(text)) return false;
    const pattern = compile(context, given);
    return pattern !== null && matches(pattern, text);
  },
});

const patternAndList = [
  { name: "pattern", type: "stringOrList" },
  { name: "list", type: "list" },
] as const;

export const getSubListByContainingRegex = builtin({
  name: "getSubListByContainingRegex",
  parameters: patternAndList,
  returns: "list",
  doc: "The elements in which a pattern matches.",
  examples: [['getSubListByContainingRegex("\\d", createStringList("a1","b"))', ["a1"]]],
  run: (context, given, list) => {
    const pattern = compile(context, given);
    return pattern ? list.filter((line) => !isBlank(line) && matches(pattern, line)) : [];
  },
});

export const getRegexMatchList = builtin({
  name: "getRegexMatchList",
  parameters: patternAndList,
  returns: "list",
  doc: "Every part of the elements that a pattern matches.",
  examples: [['getRegexMatchList("\\d+", createStringList("a1b22"))', ["1", "22"]]],
  run: (context, given, list) => {
    const pattern = compile(context, given);
    return pattern
      ? list.flatMap((line) => (isBlank(line) ? [] : [...line.matchAll(pattern)].map(([found]) => found)))
      : [];
  },
});

export const removeFromListByContainingRegex = builtin({
  name: "removeFromListByContainingRegex",
  parameters: patternAndList,
  returns: "list",
  doc: "The elements in which no pattern matches; blank ones get lost.",
  examples: [['removeFromListByContainingRegex("\\d", createStringList("a1","","b"))', ["b"]]],
  run: (context, given, list) => {
    const pattern = compile(context, given);
    return pattern ? list.filter((line) => !isBlank(line) && !matches(pattern, line)) : [];
  },
});

export const stringReplaceRegex = builtin({
  name: "stringReplaceRegex",
  parameters: [
    { name: "text", type: "string" },
    { name: "pattern", type: "string" },
    { name: "replacement", type: "string" },
  ],
  returns: "string",
  doc: "Replaces everything that the pattern matches; $1 to $9 stand for groups, $0 for all.",
  examples: [['stringReplaceRegex("john smith","(\\w+)\\s(\\w+)","$2, $1")', "smith, john"]],
  run: (context, text, given, replacement) => {
    if (given === "" || text === "") return text;
    const pattern = compile(context, given);
    if (!pattern) throw new AbandonedExpression("bad regular expression");
    return replacePattern(text, pattern, replacement);
  },
});

export const stringReplaceRegexInList = builtin({
  name: "stringReplaceRegexInList",
  parameters: [
    { name: "list", type: "list" },
    { name: "pattern", type: "string" },
    { name: "replacement", type: "string" },
  ],
  returns: "list",
  doc: "Replaces everything that the pattern matches in all elements.",
  examples: [['stringReplaceRegexInList(createStringList("a1","2"),"\\d","x")', ["ax", "x"]]],
  run: (context, list, given, replacement) => {
    if (given === "") return list;
    const pattern = compile(context, given);
    return pattern ? list.map((line) => (isBlank(line) ? line : replacePattern(line, pattern, replacement))) : [];
  },
});
