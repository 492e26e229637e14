import { expect, test, vi } from "vitest";
import { reasonOf } from "../language/problems.ts";
import { toBytes } from "../text/bytes.ts";
import { WindowsProblem } from "./windows-library.ts";

vi.mock("koffi", () => ({ load: () => null })); // it is there on Windows only

// the log showed a key "Schlüssel" as "SchlÃ¼ssel"
test("what failed stands in the log as the script has written it", () => {
  const what = toBytes("HKLM\\Schlüssel");
  expect(reasonOf(new WindowsProblem(what, 5))).toBe(`${what}: Windows error 5`);
});
