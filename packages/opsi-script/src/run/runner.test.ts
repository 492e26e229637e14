import { expect, test } from "vitest";
import { runLines } from "./test-interpreter.ts";

test("a function that calls itself for ever is stopped", () => {
  const { interpreter, log } = runLines(`[Actions]
DefFunc f($n$ : string) : string
	set $result$ = f($n$)
endfunc
DefVar $r$ = f("x")
comment "=> never"`);
  expect(interpreter.state.fatal).toBe(true);
  expect(log.join("\n")).toContain("nested deeper than 100");
});

test("sections that call each other for ever are stopped", () => {
  const { interpreter, log } = runLines("[Actions]\nsub_a\n[sub_a]\nsub_b\n[sub_b]\nsub_a");
  expect(interpreter.state.fatal).toBe(true);
  expect(log.join("\n")).toContain("Sections are nested deeper");
});

test("confidential values do not reach the log, not even in the middle of a line", () => {
  const { log, values } = runLines(`[Actions]
DefVar $p$ = asConfidential("top-secret")
DefVar $l$
set $l$ = "x" + $p$ + "y"
comment "=> " + $l$
ShellScript_x
set $l$ = shellCall("echo " + $p$)
LogError $p$
[ShellScript_x]
echo $p$`);
  expect(log.join("\n")).not.toContain("top-secret");
  expect(values).toEqual(["x***(confidential)***y"]);
});

test("level 9 is for those who want to see everything", () => {
  const { log } = runLines('[Actions]\nSetConfidential "seen"\nSetLogLevel = 9\ncomment "=> seen"');
  expect(log).toContain("comment: => seen");
});

test("texts are bytes", () => {
  const { values } = runLines(`[Actions]
comment "=> " + strLength("äö")
comment "=> " + strPart("äö", "3", "2")
if "ÄÖ" = "äö"
	comment "=> same"
endif`);
  expect(values.map((value) => Buffer.from(value, "latin1").toString())).toEqual(["4", "ö", "same"]);
});

test("two branches are never both taken, whatever the conditions do", () => {
  const { values, interpreter } = runLines(`[Actions]
FatalOnSyntaxError = false
if $unknown$ = "a"
	comment "=> then"
elseif "a" = "a"
	comment "=> elseif"
else
	comment "=> else"
endif
comment "=> end"`);
  expect(values).toEqual(["end"]);
  expect(interpreter.state.errors).toBe(2);
});

test("or and and group to the right and evaluate both sides", () => {
  const { values } = runLines(`[Actions]
DefVar $x$ = ""
DefFunc t($v$ : string) : string
	set $x$ = $x$ + $v$
	set $result$ = $v$
endfunc
if stringToBool(t("true")) or stringToBool(t("true")) and stringToBool(t("false"))
	comment "=> " + $x$
endif`);
  expect(values).toEqual(["truetruefalse"]);
});

test("a million statements take seconds, not minutes", { timeout: 60_000 }, () => {
  const started = performance.now();
  const { values } = runLines(`[Actions]
DefVar $n$ = "0"
DefVar $i$
SetLogLevel = 5
for %i% = "1" to "100000" do sub_step
comment "=> " + $n$
[sub_step]
set $i$ = $n$
if $i$ = $n$
	set $n$ = calculate($i$ + "+1")
endif`);
  expect(values).toEqual(["100000"]);
  expect(performance.now() - started).toBeLessThan(20_000);
});
