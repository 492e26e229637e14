import { join } from "node:path";
import { expect, test } from "vitest";
import { runLines } from "./run/test-interpreter.ts";

const library = (name: string) => join(import.meta.dirname, "../lib", name);

test.each([
  ["isMsiExitcodeFatal", "0", "false"],
  ["isMsiExitcodeFatal", "1605", "false"],
  ["isMsiExitcodeFatal", "3010", "false"],
  ["isMsiExitcodeFatal", "1603", "true"],
  ["isMsExitcodeFatal_short", "1641", "false"],
  ["isAdvancedMsiExitcodeFatal", "-1", "true"],
  ["isAdvancedMsiExitcodeFatal", "3010", "false"],
  ["isInnoExitcodeFatal", "1", "true"],
  ["isNsisExitcodeFatal", "0", "false"],
  ["isGenericExitcodeFatal", "abc", "true"],
])("%s of %s is %s", (name, code, expected) => {
  const { values, interpreter } = runLines(`[Actions]
importLib "${library("uib_exitcode")}"
DefVar $text$
comment "=> " + ${name}("${code}", "true", $text$)`);
  expect([values, interpreter.state.fatal]).toEqual([[expected], false]);
  expect(interpreter.state.reboot).toBe(["3010", "1641"].includes(code) ? "reboot" : "none");
});

test("lists are compared element by element", () => {
  const { values } = runLines(`[Actions]
importLib "${library("uib_strlistutils.opsiscript")}"
comment "=> " + compareLists(createStringList("a","b"), createStringList("A","b"))
comment "=> " + compareLists(createStringList("a"), createStringList("a","b"))`);
  expect(values).toEqual(["true", "false"]);
});

test("the backend library can be imported", () => {
  const { interpreter, values } = runLines(`[Actions]
importLib "${library("uib_backend")}"
DefStringList $l$
comment "=> " + getInstalledLocalbootProducts($l$)
comment "=> " + count($l$)`);
  expect([values, interpreter.state.fatal]).toEqual([["false", "0"], false]);
});
