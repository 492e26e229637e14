import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-main-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(script: string, name: string, logFile: string) {
  const file = join(folder, name);
  writeFileSync(file, script);
  const parameters = [join(import.meta.dirname, "main.ts"), file, "-logfile", logFile];
  return spawnSync(process.execPath, parameters, { encoding: "utf8" });
}

test("exit codes: success, failure, nothing could be done", { timeout: 60_000 }, () => {
  const log = join(folder, "run.log");
  expect(run('[Actions]\ncomment "x"\n', "a.opsiscript", log).status).toBe(0);
  expect(run('[Actions]\nisFatalError "x"\n', "b.opsiscript", log).status).toBe(1);
  const { status, stderr } = run('[Actions]\ncomment "x"\n', "c.opsiscript", join(log, "below a file"));
  expect([status, stderr]).toEqual([2, expect.stringContaining("EEXIST")]);
});

test("a script named after the program that it waits for does not wait for itself", { timeout: 60_000 }, () => {
  const log = join(folder, "wait.log");
  const modifiers = '/WaitForProcessEnding "some-editor" /TimeoutSeconds 1';
  run(`[Actions]\nWinBatch_x ${modifiers}\n[WinBatch_x]\n/bin/true\n`, "some-editor.opsiscript", log);
  expect(readFileSync(log, "utf8")).toContain("ExitCode 0");
  expect(readFileSync(log, "utf8")).not.toContain("has not ended in time");
});
