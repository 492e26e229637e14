import fc from "fast-check";
import { expect, test } from "vitest";
import { checkBackends, parseDispatch } from "./dispatch.ts";

test("a bad pattern is refused with its line", () => {
  expect(() => parseDispatch("host_.* : mysql\n*config : mysql", "dispatch.conf")).toThrow(
    "Line 2 of dispatch.conf: '*config' is no regular expression",
  );
});

test("a back-end that there is not is refused with its line", () => {
  const check = (text: string) =>
    checkBackends(parseDispatch(text, "dispatch.conf"), "dispatch.conf", (name) => name === "ours");
  check("host_.* : MySQL, opsipxeconfd, dhcpd, Ours\n.* : jsonrpc");
  expect(() => check("host_.* : file\n.* : mysq")).toThrow("Line 2 of dispatch.conf: 'mysq' is no back-end: file");
  expect(() => check(".* : ../ours")).toThrow("'../ours' is no back-end");
});

test("a comment ends a line, but not inside of quotes or after a backslash", () => {
  const entries = parseDispatch('host_.* : file # why\nx\\#y : file\n"c;d" : mysql ; cut\n# .* : mysql', "");
  expect(entries.map(({ pattern, backends }) => [pattern.source, backends])).toEqual([
    ["host_.*", ["file"]],
    ["x\\#y", ["file"]],
    ['"c;d"', ["mysql"]],
  ]);
});

test("whatever stands in the file: entries or an error that names it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab_.*:,#;'\"\\(| \n\r") }), (text) => {
      try {
        for (const { backends } of parseDispatch(text, "dispatch.conf")) expect(backends).not.toContain("");
      } catch (error) {
        expect(error).toMatchObject({ class: "BackendConfigurationError" });
      }
    }),
  );
});
