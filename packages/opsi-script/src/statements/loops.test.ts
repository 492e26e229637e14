import { expect, test } from "vitest";
import { runLines } from "../run/test-interpreter.ts";

const loop = `DefVar $last$
DefStringList $list$ = createStringList("a", 'b"b', "c")
for %x% in $list$ do set $last$ = "%x%"
comment "=> " + $last$`;

test("a value that breaks the statement does not keep the others from it", () => {
  const { values, interpreter } = runLines(`[Actions]\nFatalOnSyntaxError = false\n${loop}`);
  expect([values, interpreter.state.errors]).toEqual([["c"], 1]);
});

test("where syntax errors are fatal, the loop ends there", () => {
  const { interpreter } = runLines(`[Actions]\n${loop}`);
  expect(interpreter.variables.globals.get("$last$")?.value).toBe("b"); // set up to the quote, then complained about
  expect([interpreter.state.fatal, interpreter.state.errors]).toEqual([true, 1]);
});
