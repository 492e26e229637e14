import { expect, test } from "vitest";
import { linux } from "../platform/linux.ts";
import type { Registry } from "../platform/registry.ts";
import { testInterpreter } from "../run/test-interpreter.ts";
import { getRegistryValue, regKeyExists } from "./windows-registry.ts";

// a script that looked at a key closed to it ended with an internal error
test("a key that the system refuses to open is an error of the script, which goes on", () => {
  const refuses = () => {
    throw new Error("HKLM\\SECURITY: Windows error 5");
  };
  const registry = { keyExists: refuses, read: refuses } as Partial<Registry> as Registry;
  const log: string[] = [];
  const context = testInterpreter(log);
  Object.defineProperty(context, "platform", { value: { ...linux, registry } });
  expect(regKeyExists.run(context, "HKLM\\SECURITY", undefined)).toBe(false);
  expect(getRegistryValue.run(context, "HKLM\\SECURITY", "x", "32bit")).toBe("");
  expect(context.state.errors).toBe(2);
  expect(log.filter((line) => line.includes("Windows error 5"))).toHaveLength(2);
});
