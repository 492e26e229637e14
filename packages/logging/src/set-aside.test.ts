import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { numbered, setAside } from "./set-aside.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-set-aside-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string) => join(folder, name);
const content = (name: string) => readFileSync(path(name), "utf8");

test("every old file ages, the oldest goes, gaps do not matter", () => {
  for (const name of ["x.log", "x_0.log", "x_2.log"]) writeFileSync(path(name), name);
  setAside(path("x.log"), 3, numbered);
  expect(readdirSync(folder).sort()).toEqual(["x_0.log", "x_1.log"]);
  expect(content("x_0.log")).toBe("x.log");
  expect(content("x_1.log")).toBe("x_0.log");
});

test("a file that cannot be set aside is an error and stays", () => {
  for (const name of ["x.log", "file"]) writeFileSync(path(name), name);
  const belowFile = (_path: string, age: number) => (age === 1 ? path("file/x.log") : path("older.log"));
  expect(() => setAside(path("x.log"), 2, belowFile)).toThrow("ENOTDIR");
  expect(content("x.log")).toBe("x.log");
});
