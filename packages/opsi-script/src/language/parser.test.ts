import fc from "fast-check";
import { expect, test } from "vitest";
import { isReserved, parseLine, parseLineOnce } from "./parser.ts";
import type { Statement } from "./syntax.ts";

test.each<[line: string, statement: Partial<Statement>]>([
  ["", { kind: "nothing" }],
  ["; comment", { kind: "nothing" }],
  ["encoding=utf8", { kind: "nothing" }],
  ['SET $a$="x"', { kind: "set", key: "$a$", rest: "" }],
  ['set $a$ = "x" rest', { kind: "set", rest: "rest" }],
  ["set $a$ = ", { kind: "invalid" }],
  ["DefVar $Name$", { kind: "define", list: false, name: "$Name$", key: "$name$", value: null }],
  ['if("a"="a")', { kind: "if", problem: "" }],
  ["if", { kind: "if", condition: null }],
  ["endif ; text behind", { kind: "endif" }],
  ["comment = raw ; text", { kind: "text", which: "comment", raw: "raw ; text" }],
  ["comment", { kind: "invalid" }],
  ['comment "open', { kind: "text", value: null }],
  ["setLogLevel=7", { kind: "command", which: "setloglevel", word: "7" }],
  ["setLogLevel=$x$", { kind: "command", which: "setloglevel", word: "" }],
  ["ExitWindows /ImmediateReboot ", { kind: "command", which: "exitwindows", word: "/immediatereboot" }],
  ["ExitWindows /now", { kind: "invalid" }],
  ["Files_copy_x /64Bit", { kind: "section", type: "files", name: "Files_copy_x", parameters: "/64Bit" }],
  ['sub "%Scriptpath%/x.opsiinc"', { kind: "section", type: "sub", name: "", parameters: '"%Scriptpath%/x.opsiinc"' }],
  ["ProfileActions", { kind: "section", type: "profileaction", name: "ProfileActions" }],
  ["XMLPatch_x", { kind: "section", type: "xmlpatch" }],
  ['show("a")', { kind: "call", word: "show" }],
  ["for %x% in $list$ do sub_x", { kind: "forEach", variable: "%x%", body: "sub_x" }],
  ['for %i% = "1" to "3" do sub_x', { kind: "forCount", variable: "%i%", body: "sub_x" }],
  ["for %x% in $list$", { kind: "invalid" }],
  ["DefFunc f(ref $l$ : stringlist, $s$ : string) : void", { kind: "deffunc", key: "f", returns: "void" }],
  ["DefFunc f($s$ : number) : void", { kind: "invalid" }],
])("%s", (line, expected) => {
  expect(parseLine(line)).toMatchObject(expected);
});

test("names of statements and sections are no names for variables", () => {
  expect(["comment", "Files$", "subtotal", "SET"].filter((name) => !isReserved(name))).toEqual([]);
  expect(["$a$", "upper", "$files$"].filter(isReserved)).toEqual([]);
});

const words = fc.constantFrom(
  ...[
    "set",
    "if",
    "not(",
    "(",
    ")",
    "for",
    "%i%",
    "in",
    "do",
    "to",
    "=",
    "+",
    ",",
    ":",
    "[",
    "]",
    '"',
    "'",
    "and",
    "or",
    "INT",
  ],
  ...[
    "$a$",
    "createStringList",
    "getSubList",
    "boolToString",
    "comment",
    "DefFunc",
    "string",
    "takeString",
    "-1",
    " ",
    "\t",
  ],
);

test("whatever a line is: it gives a statement, and the same one again", () => {
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(words, { maxLength: 40 }).map((list) => list.join("")),
  );
  fc.assert(
    fc.property(line, (text) => {
      const statement = parseLine(text);
      expect(typeof statement.kind).toBe("string");
      expect(parseLineOnce(text)).toEqual(statement);
    }),
  );
});

test.each(["(", "not(", "upper("])("thousands of %s are a mistake, not a stack overflow", (open) => {
  expect(parseLine(`if ${open.repeat(20_000)}`)).toMatchObject({ kind: "if", condition: null });
});

test("arguments that may be a text or a condition do not double the time with each level", () => {
  const depth = 60;
  const nested = `${"boolToString(stringToBool(".repeat(depth)}"x"${"))".repeat(depth)}`;
  const before = performance.now();
  expect(parseLine(`set $a$ = ${nested}`).kind).toBe("set");
  expect(parseLine(`set $a$ = ${nested.slice(0, -depth)}`).kind).toBe("invalid");
  expect(performance.now() - before).toBeLessThan(2000); // 2^60 steps without
});

const longLines: Readonly<Record<string, (parts: number) => string>> = {
  joins: (parts) => `set $a$ = ${Array(parts).fill('"x"').join(" + ")}`,
  arguments: (parts) => `set $a$ = createStringList(${Array(parts).fill("$x$").join(", ")})`,
  parentheses: (parts) => `if ${"(".repeat(parts)}"a" = "b"${")".repeat(parts)}`,
  conditions: (parts) => `if ${Array(parts).fill('"a" = "b"').join(" and ")}`,
  "texts or conditions": (parts) => `set $a$ = ${"boolToString(".repeat(parts)}"x"`,
  quotes: (parts) => `comment ${`"'`.repeat(parts)}`,
  parameters: (parts) => `DefFunc f(${Array(parts).fill("$a$ : string").join(", ")}) : void`,
  loops: (parts) => "for %x% in $l$ do ".repeat(parts),
};

test.each(Object.entries(longLines))("a line of megabytes takes linear time: %s", (_kind, make) => {
  const time = (parts: number) => {
    const line = make(parts);
    const before = process.cpuUsage();
    parseLine(line);
    return process.cpuUsage(before).user / 1000;
  };
  const small = Math.max(20, time(20_000), time(20_000));
  expect(time(200_000) / small).toBeLessThan(40); // 10 if linear, 100 if quadratic
});
