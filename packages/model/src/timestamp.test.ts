import { expect, test } from "vitest";
import { generateHostKey } from "./host-key.ts";
import { timestamp } from "./timestamp.ts";

test("a timestamp is local time to the second", () => {
  expect(timestamp(new Date(2024, 0, 5, 7, 8, 9, 999))).toBe("2024-01-05 07:08:09");
});

test("host keys are 32 hexadecimal digits and differ", () => {
  const keys = Array.from({ length: 50 }, generateHostKey);
  expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
  expect(new Set(keys).size).toBe(50);
});
