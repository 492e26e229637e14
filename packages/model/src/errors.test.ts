import { describe, expect, test } from "vitest";
import { errorClass, isOpsiError, OpsiError } from "./errors.ts";

describe("OpsiError", () => {
  test.each([
    ["BackendMissingDataError", "Host 'x' not found", "Backend missing data error: Host 'x' not found"],
    ["BackendUnableToConnectError", "no database", "Backend I/O error: no database"],
    ["OpsiServicePermissionError", "", "Opsi service permission error"],
    ["ValueError", "Bad fqdn: 'x'", "Bad fqdn: 'x'"],
  ] as const)("%s prints its description before the text", (name, text, message) => {
    const error = new OpsiError(name, text);
    expect(error).toMatchObject({ message, class: name, name });
  });

  test("tells field and cause", () => {
    const cause = new Error("disk full");
    expect(new OpsiError("BackendIOError", "x", { field: "id", cause })).toMatchObject({ field: "id", cause });
  });

  test("is told from other errors by class", () => {
    const error: unknown = new OpsiError("KeyError", "'type'");
    expect([isOpsiError(error), isOpsiError(error, "KeyError"), isOpsiError(error, "ValueError")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isOpsiError(new Error("x"))).toBe(false);
  });
});

test("older class names lead to the present ones", () => {
  expect(errorClass("BackendPermissionDeniedError")).toBe("OpsiServicePermissionError");
  expect(errorClass("BackendIOError")).toBe("BackendIOError");
  expect(errorClass("toString")).toBeNull();
});
