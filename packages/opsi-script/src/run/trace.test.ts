import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runScript } from "../index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-trace-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function logOf(script: string, trace: boolean): string[] {
  const file = join(folder, "test.opsiscript");
  writeFileSync(file, script);
  const lines: string[] = [];
  runScript({ file, logFile: null, trace, onLine: (level, text) => lines.push(`${level} ${text}`) });
  return lines.map((line) => line.replaceAll(`${folder}/`, ""));
}

test("a trace shows the statements that are executed, with the values in them", () => {
  const script = `[Actions]
DefVar $a$ = "one"
DefStringList $l$ = createStringList("x", "y")
if $a$ = "two"
	comment "not executed"
endif
set $a$ = composeString($l$, $a$)
Setconfidential "xoney"
comment $a$
Switch $a$
Case "b"
comment "nor this"
EndCase
EndSwitch
for %x% in $l$ do comment "%x%"`;
  const traced = logOf(script, true).flatMap((line) => /^5 trace: (.*)$/.exec(line)?.[1] ?? []);
  expect(traced).toEqual([
    'test.opsiscript:2: DefVar $a$ = "one"',
    'test.opsiscript:3: DefStringList $l$ = createStringList("x", "y")',
    'test.opsiscript:4: if $a$ = "two"',
    '    $a$ = "one"',
    "test.opsiscript:7: set $a$ = composeString($l$, $a$)",
    '    $l$ = ["x", "y"]',
    '    $a$ = "one"',
    'test.opsiscript:8: Setconfidential "xoney"',
    "test.opsiscript:9: comment $a$",
    '    $a$ = "***(confidential)***"',
    "test.opsiscript:10: Switch $a$",
    '    $a$ = "***(confidential)***"',
    'test.opsiscript:11: Case "b"',
    'test.opsiscript:15: for %x% in $l$ do comment "%x%"',
    '    $l$ = ["x", "y"]',
    'test.opsiscript:15: comment "x"',
    'test.opsiscript:15: comment "y"',
  ]);
  expect(logOf(script, false).join("\n")).not.toContain("trace:");
});

test("a trace does not show what the statement makes confidential", () => {
  const script = `[Actions]
DefVar $secret$
set $secret$ = "kappa" + "seven"
SetConfidential $secret$
comment $secret$`;
  const traced = logOf(script, true).filter((line) => line.includes("trace:"));
  expect(traced.join("\n")).toContain("SetConfidential $secret$");
  expect(traced.join("\n")).not.toContain("kappaseven");
});

test("what goes wrong names file and line, in includes as well, and only once", () => {
  writeFileSync(join(folder, "inc.opsiinc"), 'LogWarning "w"\nsub_none\n');
  const script =
    '[Actions]\nLogError "e"\ninclude_insert "%ScriptPath%/inc.opsiinc"\nFiles_x\nfrob\n[Files_x]\nunzipfile "/none.zip" "/tmp"';
  const wrong = logOf(script, false).filter((line) => /^[234] /.test(line));
  expect(wrong.length).toBeGreaterThan(4);
  expect(wrong).toContain("3 Error: e (line 2 of test.opsiscript)");
  expect(wrong).toContain("4 Warning: w (line 1 of inc.opsiinc)");
  expect(wrong.find((line) => line.includes("none.zip"))).toMatch(/\(line 7 of test\.opsiscript\)$/);
  expect(wrong.filter((line) => !/line \d+ of \S+/.test(line) && !line.includes("     -> "))).toEqual([]);
  expect(wrong.filter((line) => / of .* of /.test(line))).toEqual([]);
});
