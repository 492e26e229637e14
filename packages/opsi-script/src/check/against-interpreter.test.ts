import fc from "fast-check";
import { expect, test } from "vitest";
import { runLines } from "../run/test-interpreter.ts";
import { checkText } from "./test-check.ts";

const names = fc.constantFrom("$a$", "$b$", "$l$", "$m$", "f", "g", "$result$");
const strings = fc.oneof(
  fc.constantFrom(
    '"x"',
    "'y'",
    '"1"',
    "$a$",
    "$b$",
    "$l$",
    '"%x%"',
    "upper($a$)",
    "f($a$)",
    "g()",
    'strPart("abc", "1", "2")',
  ),
  fc.constantFrom(
    '"a" + $b$',
    'composeString($l$, ",")',
    "count($l$)",
    "upper()",
    'upper("a", "b")',
    "nosuch",
    '"open',
    "5",
  ),
);
const lists = fc.constantFrom(
  ...[
    'createStringList("a", $a$)',
    "$l$",
    "$m$",
    "($l$)",
    "'[\"a\"]'",
    "\"['a', $a$]\"",
    "reverse($l$)",
    'splitString("a,b", ",")',
  ],
  ...["h($l$)", '"text"', "$a$", "getSubList(0:1, $l$)", "emptyList($l$)", "nosuch($l$)"],
);
/** None is empty, so that the loop is executed. */
const loopLists = fc.constantFrom(
  'createStringList("a", $a$)',
  "'[\"a\"]'",
  'splitString("a,b", ",")',
  '"text"',
  "nosuch($l$)",
);
const conditions = fc.oneof(
  fc.tuple(strings, fc.constantFrom("=", "<", "INT >=", "<>"), strings).map((parts) => parts.join(" ")),
  fc.constantFrom(
    'contains($a$, "x")',
    "not($a$ = $b$)",
    '("a" = $a$) and ("b" = $b$)',
    'isNumber("1")',
    "$a$",
    'upper("x")',
  ),
);
const plain = fc.oneof(
  fc.tuple(fc.constantFrom("DefVar", "DefStringList"), names).map((parts) => parts.join(" ")),
  fc.tuple(fc.constantFrom("$a$", "$b$"), strings).map(([name, value]) => `DefVar ${name} = ${value}`),
  fc.tuple(names, strings).map(([name, value]) => `set ${name} = ${value}`),
  fc.tuple(names, lists).map(([name, value]) => `set ${name} = ${value}`),
  strings.map((value) => `Message ${value}`),
  fc.constantFrom("sub_a", "sub_b", "v()", "v", "f($a$)", "frob", "markErrorNumber", "markErrorNumber x", "endfunc"),
  fc.tuple(loopLists, strings).map(([list, value]) => `for %x% in ${list} do set $a$ = ${value}`),
  loopLists.map((list) => `for %x% in ${list} do sub_b`),
);
const branching = fc.oneof(
  conditions.map((condition) => `if ${condition}`),
  conditions.map((condition) => `elseif ${condition}`),
  strings.map((value) => `Switch ${value}`),
  strings.map((value) => `Case ${value}`),
  fc.constantFrom("else", "endif", "endif", "EndCase", "EndSwitch", "DefaultCase", "isSuccess"),
);

const tail = (inA: readonly string[], inB: readonly string[]) => `
[sub_a]
${inA.join("\n")}
[sub_b]
${inB.join("\n")}`;

const definitions = `DefFunc f($s$ : string) : string
set $result$ = $s$
EndFunc
DefFunc h(ref $s$ : stringlist) : stringlist
set $result$ = $s$
EndFunc
DefFunc v() : void
DefVar $a$ = "local"
sub_b
EndFunc`;

const variables = fc.subarray(["DefVar $a$", 'DefVar $b$ = "1"', "DefStringList $l$", "DefStringList $m$"]);
/** Sections that call each other in circles find their loops already running: the checker follows each section once. */
const linesWithout = (calls: RegExp) =>
  fc.array(
    plain.filter((line) => !calls.test(line)),
    { maxLength: 3 },
  );
const linesOfA = linesWithout(/sub_a|\bv\b/);
const linesOfB = linesWithout(/sub_|\bv\b|^Def/);
/** What only some branches define is no mistake for the checker: it cannot know which of them are executed. */
const noDefinition = /^Def/;
const someLines = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: plain.filter((line) => !noDefinition.test(line)) },
    { weight: 1, arbitrary: branching },
  ),
  { maxLength: 12 },
);

const failsBySyntax = (script: string) => {
  const { interpreter, log } = runLines(script);
  return (
    interpreter.state.fatal && log.some((line) => line.startsWith("Syntax Error") || line.includes("endif expected"))
  );
};
const errorsOf = (script: string) => checkText(script).diagnostics.filter(({ severity }) => severity === "error");

test("a script without errors does not fail at its syntax", () => {
  fc.assert(
    fc.property(variables, someLines, linesOfB, linesOfB, fc.boolean(), (defined, lines, inA, inB, hasFunctions) => {
      const start = [...defined, ...(hasFunctions ? [definitions] : []), ...lines];
      const script = `[Actions]\n${start.join("\n")}${tail(inA, inB)}`;
      if (errorsOf(script).length === 0) expect(failsBySyntax(script)).toBe(false);
    }),
    { numRuns: 1500 },
  );
});

test("a script whose lines are all executed fails if it has an error", () => {
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 4 }), linesOfA, fc.boolean(), (lines, inA, hasFunctions) => {
      const script = `[Actions]\n${hasFunctions ? `${definitions}\n` : ""}${lines.join("\n")}\nsub_a${tail(inA, [])}`;
      if (errorsOf(script).length > 0) expect(runLines(script).interpreter.state.fatal).toBe(true);
    }),
    { numRuns: 1500 },
  );
});
