import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { saveVersionToProfile, wasExecutedBefore } from "./run-stamps.ts";
import { testInterpreter } from "./test-interpreter.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "opsi-run-stamps-"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A login script of product `p`. */
function login() {
  const interpreter = testInterpreter();
  interpreter.constants.set("AppDataDir", home);
  const product = { id: "p", version: "1", packageVersion: "2", properties: new Map(), map: [] };
  return Object.create(interpreter, { product: { value: product } }) as typeof interpreter;
}

test("a version is executed once, others are kept", () => {
  const file = join(home, ".opsi.org/userLoginScripts.ini");
  mkdirSync(join(home, ".opsi.org"));
  writeFileSync(file, "[runstamps]\nother=5-1\n");
  expect([wasExecutedBefore(login()), wasExecutedBefore(login())]).toEqual([false, true]);
  expect(readFileSync(file, "utf8")).toBe("[runstamps]\nother=5-1\np=1-2\n");
});

test("a home directory that refuses the file is an error of the script", () => {
  writeFileSync(join(home, ".opsi.org"), "");
  const context = login();
  saveVersionToProfile(context);
  expect(wasExecutedBefore(context)).toBe(false);
  expect(context.state.errors).toBe(3);
});
