import { expect, test } from "vitest";
import { toBytes } from "../bytes.ts";
import { Cursor } from "../lexer.ts";
import { parseBoolean, parseValue } from "../parse-expression.ts";
import { testInterpreter } from "../test-interpreter.ts";
import type { AnyBuiltin, ResultType } from "./builtin.ts";
import { allBuiltins, findBuiltin } from "./registry.ts";

function evaluate(builtin: AnyBuiltin, expression: string): unknown {
  const { evaluator } = testInterpreter();
  const cursor = new Cursor(toBytes(expression));
  const kinds: Record<ResultType, () => unknown> = {
    string: () => evaluator.string(parseValue(cursor)),
    list: () => evaluator.list(parseValue(cursor)),
    boolean: () => evaluator.boolean(parseBoolean(cursor), expression),
  };
  const value = kinds[builtin.returns]();
  expect(cursor.rest).toBe("");
  return value;
}

const examples = allBuiltins().flatMap((builtin) =>
  builtin.examples.map(([expression, value]) => [expression, value, builtin] as const),
);

test.each(examples)("%s", (expression, expected, builtin) => {
  const value = typeof expected === "string" ? toBytes(expected) : expected;
  expect(evaluate(builtin, expression)).toEqual(value);
});

test("every function says what it does", () => {
  expect(allBuiltins().length).toBeGreaterThan(200);
  expect(
    allBuiltins()
      .filter(({ doc }) => !/^\S.*\.$/s.test(doc))
      .map(({ name }) => name),
  ).toEqual([]);
});

test("parameters that may be left out come last", () => {
  const wrong = allBuiltins().filter(({ parameters }) => {
    const first = parameters.findIndex(({ optional, repeated }) => optional || repeated);
    return first >= 0 && parameters.slice(first).some(({ optional, repeated }) => !optional && !repeated);
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test("functions of several kinds are found by one name", () => {
  expect(Object.keys(findBuiltin("shellcall") ?? {})).toEqual(["string", "list"]);
  expect(Object.keys(findBuiltin("comparedotseparatednumbers") ?? {})).toEqual(["string", "boolean"]);
});
