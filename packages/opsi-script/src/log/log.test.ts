import { expect, test } from "vitest";
import { ScriptLog } from "./log.ts";

function openLog(path: string | null, lines: string[] = []) {
  return new ScriptLog({ path, append: false, level: 7, leastLevel: 0, onLine: (_level, text) => lines.push(text) });
}

test("a secret with quotes and backslashes is hidden in JSON as well", () => {
  const lines: string[] = [];
  const log = openLog(null, lines);
  log.addConfidential('pa"ss\\word');
  log.write(5, `plain pa"ss\\word`);
  log.write(5, JSON.stringify(['pa"ss\\word']));
  expect(lines).toEqual(["plain ***(confidential)***", '["***(confidential)***"]']);
});

test("a full disk does not end the script in the middle", () => {
  const log = openLog("/dev/full");
  for (let number = 0; number < 3; number++) {
    log.write(5, "x".repeat(100_000));
    log.flush();
  }
  expect(log.readPart(1000)).toBe("");
  log.close();
});
