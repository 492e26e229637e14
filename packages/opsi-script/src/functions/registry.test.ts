import fc from "fast-check";
import { expect, test } from "vitest";
import { Cursor } from "../language/lexer.ts";
import { parseBoolean, parseValue } from "../language/parse-expression.ts";
import { AbandonedExpression, FatalProblem, SyntaxProblem } from "../language/problems.ts";
import { testInterpreter } from "../run/test-interpreter.ts";
import { toBytes } from "../text/bytes.ts";
import type { AnyBuiltin, ParameterType, ResultType } from "./builtin.ts";
import * as crypt from "./crypt.ts";
import * as json from "./json.ts";
import * as lists from "./lists.ts";
import * as maps from "./maps.ts";
import * as numbers from "./numbers.ts";
import * as regex from "./regex.ts";
import { allBuiltins, findBuiltin } from "./registry.ts";
import * as strings from "./strings.ts";
import * as toml from "./toml.ts";
import * as urls from "./urls.ts";
import * as xml from "./xml.ts";

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

const isPure = new Set<unknown>(
  [crypt, json, lists, maps, numbers, regex, strings, toml, urls, xml].flatMap(Object.values),
);
const pure = allBuiltins().filter((builtin) => isPure.has(builtin) && !/file/i.test(builtin.name));
const oddText = fc.oneof(
  fc.constantFrom("", "0", "-1", "9999999999999", "true", "constructor", "__proto__", "k=v", "a.b", "(", "[1]", "[t]"),
  fc.string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)) }),
);
const argument: Record<ParameterType, fc.Arbitrary<unknown>> = {
  string: oddText,
  list: fc.array(oddText),
  boolean: fc.boolean(),
  index: oddText,
  range: fc.tuple(fc.option(oddText), fc.option(oddText)),
  stringOrList: fc.oneof(oddText, fc.array(oddText)),
  stringOrBoolean: fc.oneof(oddText, fc.boolean()),
};
const calls = fc
  .constantFrom(...pure)
  .chain((builtin) => fc.tuple(fc.constant(builtin), ...builtin.parameters.map(({ type }) => argument[type])));

test("whatever the arguments are: a value of the declared kind, or a problem of the script", () => {
  const interpreter = testInterpreter();
  const kinds: Record<ResultType, (value: unknown) => boolean> = {
    string: (value) => typeof value === "string",
    list: Array.isArray,
    boolean: (value) => typeof value === "boolean",
  };
  fc.assert(
    fc.property(calls, ([builtin, ...values]) => {
      try {
        expect(builtin.run(interpreter, ...values)).toSatisfy(kinds[builtin.returns]);
      } catch (problem) {
        const isTyped = [SyntaxProblem, FatalProblem, AbandonedExpression].some((type) => problem instanceof type);
        if (!isTyped) throw problem;
      }
    }),
    { numRuns: 3000 },
  );
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
