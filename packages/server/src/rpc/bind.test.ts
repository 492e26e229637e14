import { expect, test } from "vitest";
import { type Method, parameters } from "../methods/declare.ts";
import { bind } from "./bind.ts";

const method = (text: string, keywords?: string): Method => ({
  name: "m",
  doc: "",
  parameters: parameters(text),
  access: "session",
  run: () => null,
  ...(keywords === undefined ? {} : { keywords }),
});

test.each<[what: string, declared: Method, params: unknown, bound: unknown[]]>([
  ["positional values", method("a b"), [1, 2], [1, 2]],
  ["a default", method("a b=None"), [1], [1, null]],
  ["named values", method("a b='x'"), { a: 1 }, [1, "x"]],
  ["keywords behind the last parameter", method("a=None", "filter"), [["id"], { id: "x" }], [["id"], { id: "x" }]],
  ["named keywords", method("a=None", "filter"), { id: "x" }, [null, { id: "x" }]],
  ["a name that objects inherit", method("a=None", "filter"), JSON.parse('{"__proto__": 1}'), [null, {}]],
])("%s", (_what, declared, params, bound) => {
  expect(bind(declared, params)).toEqual(bound);
});

test.each<[declared: Method, params: unknown, message: string]>([
  [method("a b"), [1], "m() missing 1 required positional argument: 'b'"],
  [method("a"), [1, 2], "m() takes 2 positional arguments but 3 were given"],
  [method("a b=None"), [1, 2, 3], "m() takes from 2 to 3 positional arguments but 4 were given"],
  [method("a"), { b: 1 }, "m() got an unexpected keyword argument 'b'"],
  [method("a", "filter"), [1, "text"], "kwargs param is not a dict: <class 'str'>"],
  [
    method("a"),
    [{ type: "OpsiClient", id: "nope" }],
    "Failed to create object from dict {'id': 'nope'}: Bad fqdn: 'nope'",
  ],
])("wrong arguments are named", (declared, params, message) => {
  expect(() => bind(declared, params)).toThrow(message);
});
