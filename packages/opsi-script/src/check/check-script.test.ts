import { expect, test } from "vitest";
import { brief, checkText } from "./test-check.ts";

const check = (lines: string, files: Readonly<Record<string, string>> = {}) =>
  checkText(`[Actions]\n${lines}`, files).diagnostics.map(brief);

test.each<[what: string, lines: string, ...found: string[]]>([
  ["a correct script", 'DefVar $a$ = "1"\nif $a$ = "1"\n\tcomment "x" + $a$\nendif'],
  ["syntax", 'DefVar $a$\nset $a$ = "open', "3:11-16 error syntax"],
  ["an unknown variable", 'comment "x"\nMessage "a" + $b$', "3:15-18 error undefined-variable"],
  ["a variable that is set without being defined", 'set $b$ = "1"', "2:5-8 error undefined-variable"],
  ["an unknown function", 'Message uppr("a")', "2:9-13 error undefined-function"],
  ["an unknown statement", 'mesage "a"', "2:1-7 error undefined-statement"],
  ["a variable before its definition", "Message $a$\nDefVar $a$", "2:9-12 error use-before-definition"],
  ["a comment stops nothing", "comment $b$", "2:9-12 warning undefined-variable"],
  [
    "nor does a script that wants to go on",
    "FatalOnSyntaxError = false\nMessage $b$",
    "3:9-12 warning undefined-variable",
  ],
  ["a list for a string", "DefStringList $l$\nMessage $l$", "3:9-12 error wrong-type"],
  ["a string for a list", 'DefStringList $l$ = "a"', "2:21-24 error wrong-type"],
  ["a literal list with a name in it", `DefStringList $l$ = '["a", $b$]'`, "2:28-31 error undefined-variable"],
  ["a string for a condition", 'if upper("a")\nendif', "2:13-14 error syntax"],
  ["a condition for a string", 'DefVar $a$ = FileExists("a")', "2:14-29 error wrong-type"],
  ["too few arguments", 'Message strPart("a")', "2:9-21 error wrong-arguments"],
  ["too many arguments", 'Message upper("a", "b")', "2:9-24 error wrong-arguments"],
  ["parentheses that do not belong", "Message GetOS()", "2:9-16 error wrong-arguments"],
  ["a constant outside of quotes", "Message %ScriptPath%", "2:9-21 error constant-without-quotes"],
  ["a reserved name", "DefVar files1", "2:8-14 error reserved-name"],
  ["a second definition", "DefVar $a$\nDefVar $A$", "3:8-11 warning double-definition"],
  ["a definition in each branch", 'if GetOS = "x"\nDefVar $a$\nelse\nDefVar $a$\nendif'],
  ["a definition again behind a branch", 'if GetOS = "x"\nDefVar $a$\nendif\nDefVar $a$'],
  ["an if that stays open", 'if GetOS = "x"', "2:1-15 error open-block"],
  ["an endif too many", "endif", "2:1-6 error open-block"],
  ["two else", 'if GetOS = "x"\nelse\nelse\nendif', "4:1-5 error open-block"],
  [
    "a switch in a switch",
    'Switch "a"\nCase "a"\nSwitch "b"\nEndSwitch\nEndCase\nEndSwitch',
    "4:1-11 error open-block",
  ],
  ["a case without its end", 'Switch "a"\nCase "a"\nEndSwitch', "4:1-10 error open-block"],
  ["lines between cases", 'Switch GetOS\nMessage "x"\nEndSwitch', "3:1-12 warning unreachable"],
  ["lines behind the end", 'isSuccess\nMessage "x"\nMessage "y"', "3:1-12 warning unreachable"],
  ["an end in one branch", 'if GetOS = "x"\nisSuccess\nendif\nMessage "x"'],
  [
    "an end in all branches",
    'if GetOS = "x"\nisSuccess\nelse\nisSuspended\nendif\nMessage "x"',
    "7:1-12 warning unreachable",
  ],
  [
    "a condition that is never true",
    'if "a" = "b"\nfrob\nendif',
    "3:1-5 warning unreachable",
    "3:1-5 warning undefined-statement",
  ],
  ["a loop", 'for %x% in createStringList("a") do comment "%x%"'],
  ["a loop over a string", 'for %x% in "a" do comment "%x%"', "2:12-15 error wrong-type"],
  [
    "a loop with a name in use",
    'DefVar $x$\nfor $x$ in createStringList("a") do comment "$x$"',
    "3:5-8 error double-definition",
  ],
  ["a condition in a loop", 'for %x% in createStringList("a") do if "a" = "%x%"', "2:1-51 error syntax"],
  [
    "a loop in a loop",
    'for %x% in createStringList("a") do for %y% in createStringList("b") do comment "x"',
    "2:1-84 error syntax",
  ],
  [
    "a letter whose last byte looks like a blank",
    'comment "x" + à',
    "1:1-10 warning encoding",
    "2:15-16 warning undefined-variable",
  ],
  [
    "names of a sub that nobody calls",
    "[sub_a]\nMessage $v$\n[sub_b]\nDefVar $v$",
    "2:2-7 information unused-section",
    "4:2-7 information unused-section",
  ],
  [
    "a loop variable without quotes",
    'DefVar $a$\nfor %x% in createStringList("a") do set $a$ = %x%',
    "3:47-50 warning constant-without-quotes",
  ],
  ["a name made by a loop", 'for %x% in createStringList("a") do Files_%x%\n[Files_a]\ncopy a b'],
  [
    "a mistake in a loop body",
    'for %x% in createStringList("a") do set $b$ = "%x%"',
    "2:41-44 error undefined-variable",
  ],
  ["a missing section", "Files_x", "2:1-8 warning missing-section"],
  ["an empty section", "Files_x\n[Files_x]\n; nothing", "2:1-8 warning missing-section"],
  ["a section that nobody calls", '[sub_a]\ncomment "x"', "2:2-7 information unused-section"],
  ["a section of the same name", 'sub_a\n[sub_a]\ncomment "x"\n[Sub_a]\ncomment "y"', "5:2-7 warning unreachable"],
  [
    "a section that a function calls",
    'DefStringList $l$ = getOutStreamFromSection("ShellScript_x")',
    "2:46-59 warning missing-section",
  ],
  [
    "a sub that is called where nothing is executed, and again where it is",
    'if "a" = "b"\nsub_a\nendif\nsub_a\n[sub_a]\nMessage $b$',
    "3:1-6 warning unreachable",
    "7:9-12 error undefined-variable",
  ],
  ["a mistake in a sub section", "sub_a\n[sub_a]\nMessage $b$", "4:9-12 error undefined-variable"],
  ["a variable of the caller", 'DefVar $a$\nsub_a\n[sub_a]\nset $a$ = "x"'],
  [
    "a command of a section",
    "Files_x\n[Files_x]\ncoppy a b\n$cmd$ a\n%c% b",
    "4:1-6 error unknown-command",
    "5:1-6 error unknown-command",
  ],
  [
    "a command of a registry section",
    'Registry_x\n[Registry_x]\nopenkey [HKLM\\x]\nsett "a" = "b"',
    "5:1-5 error unknown-command",
  ],
  ["registry lines in another form", 'Registry_x /addreg\n[Registry_x]\nHKLM,"x","y",0,"z"'],
  ["a command in a variable", 'DefVar $cmd$ = "copy"\nFiles_x\n[Files_x]\n$cmd$ a b'],
  ["text of another language", "ShellScript_x\n[ShellScript_x]\nfor i in a; do frob; done"],
  ["the initial section", '[Initial]\ncomment "x"', "2:2-9 warning deprecated"],
])("%s", (_what, lines, ...found) => {
  expect(check(lines)).toEqual(found);
});

const define =
  "DefFunc f($s$ : string, ref $l$ : stringlist) : string\nset $result$ = $s$\nset $l$ = addToList($l$, $s$)\nendfunc\nDefStringList $l$\n";

test.each<[what: string, lines: string, ...found: string[]]>([
  ["a correct call", `${define}Message f("a", $l$)`],
  ["too few arguments", `${define}Message f("a")`, "7:9-15 error wrong-arguments"],
  ["a list where a string is expected", `${define}Message f($l$, $l$)`, "7:11-14 error wrong-type"],
  ["no variable for a reference", `${define}Message f("a", createStringList("b"))`, "7:16-37 error wrong-type"],
  ["a string function for a list", `${define}set $l$ = f("a", $l$)`, "7:11-22 error wrong-type"],
  ["no EndFunc", 'DefFunc f() : void\ncomment "x"', "2:1-19 error open-block"],
  ["a bad header is one mistake", 'DefFunc f() : number\nset $result$ = "x"\nendfunc', "2:15-21 error syntax"],
  [
    "locals are not seen outside",
    "DefFunc f() : void\nDefVar $a$\nendfunc\nf()\nMessage $a$",
    "6:9-12 error undefined-variable",
  ],
  [
    "a sub sees the locals of its function",
    'DefFunc f() : void\nDefVar $a$\nsub_x\nendfunc\nf()\n[sub_x]\nset $a$ = "1"',
  ],
  ["a global that is defined before the call", 'DefFunc f() : void\nset $g$ = "1"\nendfunc\nDefVar $g$\nf()'],
  [
    "a mistake in a function that nobody calls",
    "DefFunc f() : void\nfrob\nendfunc",
    "3:1-5 warning undefined-statement",
  ],
  [
    "a function that is called again where mistakes count",
    "DefFunc f() : void\nfrob\nendfunc\nFatalOnSyntaxError = false\nf()\nFatalOnSyntaxError = true\nf()",
    "3:1-5 error undefined-statement",
  ],
  ["functions that call each other", "DefFunc f() : void\ng()\nendfunc\nDefFunc g() : void\nf()\nendfunc\nf()"],
  ["its own section", "DefFunc f() : void\nFiles_x\n[Files_x]\ncopy a b\nendfunc\nf()"],
])("functions: %s", (_what, lines, ...found) => {
  expect(check(lines)).toEqual(found);
});

test("files that are included are followed, from where they are included", () => {
  const files = {
    "inc.opsiinc": "DefVar $inc$\nfrob\n",
    "sections.opsiinc": "[sub_x]\nMessage $inc$\nMessage $nowhere$\n",
    "lib.opsiscript":
      'DefFunc one() : string\nset $result$ = "1"\nendfunc\nDefFunc two() : string\nset $result$ = one()\nendfunc\n',
  };
  const script =
    'include_insert "%ScriptPath%/inc.opsiinc"\ninclude_append "sections.opsiinc"\nsub_x\nimportLib "lib::one"\nMessage one()\nMessage two()';
  expect(check(script, files)).toEqual([
    "inc.opsiinc 2:1-5 error undefined-statement",
    "7:9-12 error undefined-function",
    "sections.opsiinc 3:9-18 error undefined-variable",
  ]);
});

test("a file name in a variable is followed where it is known, and otherwise no name is complained about", () => {
  const files = { "inc.opsiinc": "DefVar $inc$\n" };
  const known = 'DefVar $f$ = "%ScriptPath%"\nset $f$ = "%ScriptPath%"\ninclude_insert EnvVar("X")\nMessage $inc$';
  expect(check(known, files)).toEqual(["4:16-27 information unknown-at-check"]);
  expect(check('DefVar $f$ = "inc"\ninclude_insert $f$ + ".opsiinc"\nMessage $inc$', files)).toEqual([]);
});

test("missing files, and files that include themselves", () => {
  expect(check('include_insert "none.opsiinc"\nMessage $x$')).toEqual(["2:16-30 error missing-file"]);
  expect(check('include_insert "/etc/none.opsiinc"')).toEqual(["2:16-35 warning missing-file"]);
  const files = { "a.opsiinc": 'include_insert "b.opsiinc"\n', "b.opsiinc": 'include_insert "a.opsiinc"\n' };
  expect(check('include_insert "a.opsiinc"', files)).toEqual(["b.opsiinc 1:1-27 error circular-include"]);
});

test("lines behind an included file with sections belong to its last section", () => {
  const files = { "a.opsiinc": 'comment "x"\n[Files_x]\ncopy a b\n' };
  expect(check('include_insert "a.opsiinc"\nMessage "never"', files)).toEqual(["3:1-16 warning unreachable"]);
});

test("a file to be included may use names of others", () => {
  const { diagnostics } = checkText('[sub_x]\nMessage $other$\nother("x")\nset $l$ = \n');
  expect(diagnostics.map(brief)).toEqual(["4:9-10 error syntax"]);
});

test("columns count characters in every encoding", () => {
  const script = '[Actions]\nMessage "äöü😀" + $x$';
  const found = ["2:19-22 error undefined-variable"];
  expect(checkText(`encoding=utf8\n${script}`).diagnostics.map(brief)).toEqual(["3:19-22 error undefined-variable"]);
  expect(checkText(`\ufeff${script}`).diagnostics.map(brief)).toEqual(found);
  expect(checkText(Buffer.from(`\ufeff${script}`, "utf16le")).diagnostics.map(brief)).toEqual(found);
  const legacy = Buffer.from('encoding=cp1252\r\n[Actions]\r\nMessage "äöü" + $x$', "latin1");
  expect(checkText(legacy).diagnostics.map(brief)).toEqual(["3:17-20 error undefined-variable"]);
  expect(checkText(script).diagnostics.map(brief)).toContain("1:1-10 warning encoding");
});

test.each([
  ["DefVar $count$\nMessage $cuont$", "Did you mean $count$?"],
  ['mesage "x"', "Did you mean message?"],
  ['Message strLenght("x")', "Did you mean strLength?"],
  ['Sub_instal\n[Sub_install]\ncomment "x"', "Did you mean Sub_install?"],
  ['if "a" <> GetOS\nendif', "There is no operator for unequal: not(a = b)."],
  ["Message 5", 'Numbers are written as texts: "5".'],
])("%s: %s", (lines, hint) => {
  expect(checkText(`[Actions]\n${lines}`).diagnostics[0]?.hint).toBe(hint);
});

test("definitions and uses of names, for editors", () => {
  const { symbols } = checkText(`[Actions]\n${define}Message f("a", $l$)\nsub_x\n[sub_x]\nset $l$ = $l$`);
  const told = symbols.map(({ kind, name, definition, uses }) => [
    `${kind} ${name} ${definition.line.line}`,
    ...uses.map(({ line, start, end }) => `${line.line} ${line.text.slice(start, end)}`),
  ]);
  expect(told).toContainEqual(["stringlist $l$ 6", "7 $l$", "10 $l$", "10 $l$"]);
  expect(told).toContainEqual(["function f 2", "7 f"]);
  expect(told).toContainEqual(["section sub_x 9", "8 sub_x"]);
  expect(told).toContainEqual(["string $s$ 2", "3 $s$", "4 $s$"]);
});
