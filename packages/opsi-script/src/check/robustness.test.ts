import fc from "fast-check";
import { expect, test } from "vitest";
import { brief, checkText } from "./test-check.ts";

const words = fc.constantFrom(
  ...[
    'if "a" = "b"',
    "if ",
    "else",
    "elseif",
    "endif",
    'Switch "a"',
    'Case "a"',
    "DefaultCase",
    "EndCase",
    "EndSwitch",
  ],
  ...["DefVar $a$", 'set $a$ = "x"', "DefStringList $l$", "set $l$ = $a$ + ", "comment $a$", "for %x% in $l$ do sub_a"],
  ...["DefFunc f(ref $l$ : stringlist) : string", "DefFunc g(", "endfunc", "Message f($l$)", "f(", "sub_a", "Files_x"],
  ...[
    "[sub_a]",
    "[Files_x]",
    "[Actions]",
    "[]",
    "copy a b",
    "isSuccess",
    'include_insert "a.opsiinc"',
    'importLib "a::f"',
  ],
  ...['sub "a.opsiinc"', "FatalOnSyntaxError = false", "set $l$ = '[\"a\", $b$]'", '\u00e4 = "', "", "; x", "then"],
);
const script = fc.array(fc.oneof(words, fc.string({ unit: "binary", maxLength: 40 })), { maxLength: 40 });

test("whatever a script is: the check ends, and every place is in a line of it", () => {
  fc.assert(
    fc.property(script, script, (lines, included) => {
      const text = `[Actions]\n${lines.join("\n")}`;
      const { diagnostics } = checkText(text, { "a.opsiinc": included.join("\n") });
      for (const { line, column, endColumn, text } of diagnostics) {
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
        expect(endColumn).toBeGreaterThan(column);
        expect(column).toBeLessThanOrEqual(text.length + 1);
      }
    }),
    { numRuns: 500 },
  );
});

test("whatever bytes a file has", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => void checkText(Buffer.from(data))));
});

const repeated = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));

/** Scripts of about so many lines; each kind would take the square of the time if it were done naively. */
const kinds: Readonly<Record<string, (lines: number) => string[]>> = {
  "names that are defined": (lines) => repeated(lines, (index) => `DefVar $v${index}$ = "x"`),
  "names that are not": (lines) => repeated(lines, (index) => `set $v${index}$ = "x"`),
  "open conditions": (lines) => repeated(lines, () => 'if GetOS = "x"'),
  "subs in a chain": (lines) => ["sub_0", ...repeated(lines / 2, (index) => `[sub_${index}]\nsub_${index + 1}`)],
  "functions in a chain": (lines) => [
    ...repeated(lines / 3, (i) => `DefFunc f${i}() : void\nf${i + 1}()\nendfunc`),
    "f0()",
  ],
  garbage: (lines) => repeated(lines, () => '}{ "( frob((('),
};

test.each(Object.entries(kinds))(
  "100,000 lines take linear time: %s",
  (_kind, make) => {
    /** Of this process, and the best of several times: others use the machine as well. */
    const time = (lines: number, times: number) => {
      const text = `[Actions]\n${make(lines).join("\n")}`;
      const measured = Array.from({ length: times }, () => {
        const before = process.cpuUsage();
        checkText(text);
        return process.cpuUsage(before).user / 1000;
      });
      return Math.min(...measured);
    };
    const small = Math.max(20, time(20_000, 2));
    expect(time(100_000, 1) / small).toBeLessThan(15); // 5 if linear, 25 if quadratic
  },
  20_000,
);

test("a long line full of mistakes is told of some times only", () => {
  const { diagnostics } = checkText(
    `[Actions]\nset $a$ = createStringList(${repeated(20_000, () => "$b$").join(", ")})`,
  );
  expect(diagnostics.length).toBeLessThan(100);
});

test("functions and subs that are nested without end are followed to the end", () => {
  const text = `[Actions]\nsub_0\n${repeated(3000, (index) => `[sub_${index}]\nsub_${index + 1}`).join("\n")}\n[sub_3000]\nfrob`;
  expect(checkText(text).diagnostics.map(brief)).toEqual(["6004:1-5 error undefined-statement"]);
});
