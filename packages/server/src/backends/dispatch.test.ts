import fc from "fast-check";
import { expect, test } from "vitest";
import { dispatchedStorage, parseDispatch } from "./dispatch.ts";

const storageOf = (text: string) => dispatchedStorage(parseDispatch(text, "dispatch.conf"), "dispatch.conf");

test("the storage is that of the object methods, beside what is told of changes", () => {
  const text = "backend_.* : mysql, opsipxeconfd, dhcpd\nhost_.* : mysql, opsipxeconfd\n.* : mysql # all";
  expect(storageOf(text)).toBe("mysql");
  expect(storageOf(".* : jsonrpc")).toBeNull();
  expect(storageOf("")).toBeNull();
});

test("two storages are refused with the lines that name them", () => {
  expect(() => storageOf("# classic\naudit.* : mysql\nlicense.* : mysql\n.* : file")).toThrow(
    "dispatch.conf sends objects to 'file' in line 4 (host_getObjects) and to 'mysql' in line",
  );
});

test("a bad pattern is refused with its line", () => {
  expect(() => storageOf("host_.* : mysql\n*config : mysql")).toThrow(
    "Line 2 of dispatch.conf: '*config' is no regular expression",
  );
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
