import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type WindowsScripts, windowsPath, windowsScripts } from "./windows-scripts.ts";

let windows: WindowsScripts;
beforeAll(async () => {
  windows = await windowsScripts();
}, 300_000); // the first time: downloads and a fresh Windows
afterAll(() => windows[Symbol.asyncDispose]());

test("constants are the folders of this Windows", async () => {
  const { values, log } = await windows.run(`[Actions]
comment "=> %Systemroot% %System% %SystemDrive%"
comment "=> %ProgramFiles64Dir% %ProgramFiles32Dir%"
comment "=> %CommonAppDataDir%"
comment "=> %ProfileDir%"
comment "=> %CurrentDesktopDir%"
comment "=> %ScriptDrive%"
comment "=> %opsiTmpDir%"
comment "=> " + GetOS + " " + GetMSVersionInfo + " " + GetMSVersionName + " " + GetNTVersion
comment "=> " + GetSystemType + " " + GetOSArchitecture + " " + GetLinuxDistroType
comment "=> " + SidToName("S-1-5-18") + " " + NameToSID("SYSTEM")
`);
  expect(values, log).toEqual([
    "C:\\windows C:\\windows\\system32 C:",
    "C:\\Program Files C:\\Program Files (x86)",
    "C:\\ProgramData",
    "C:\\users",
    expect.stringMatching(/^C:\\users\\.*\\Desktop$/),
    "Z:",
    "c:\\opsi.org\\tmp",
    "Windows_NT 10.0 10 Win NT 10.0",
    "64 Bit System x86_64 no_linux",
    "SYSTEM S-1-5-18",
  ]);
});

test("batch sections get their arguments and give output and exit code", async () => {
  const { values, log } = await windows.run(`[Actions]
DefStringList $out$
set $out$ = getOutStreamFromSection("DosBatch_x one two")
comment "=> " + composeString($out$, "|")
comment "=> " + getLastExitCode
DosInAnIcon_exit winst /sysnative
comment "=> " + getLastExitCode
comment "=> " + shellCall("exit 7")
set $out$ = shellCall('echo "a  b" & echo c')
comment "=> " + composeString($out$, "|")
[DosBatch_x]
@echo off
; no line of the batch file
echo first %1
echo second %~2 1>&2
if "%1"=="one" goto there
echo never
:there
exit /b 3
[DosInAnIcon_exit]
exit 5
`);
  expect(values, log).toEqual(["first one|second two", "3", "5", "7", '"a  b" |c']);
});

test("programs: arguments unchanged, exit codes, no such program, one that goes on", async () => {
  const show = join(windows.folder, "show me.cmd");
  await writeFile(show, "@echo off\r\necho [%*]\r\nexit /b 9\r\n");
  const { values, log } = await windows.run(`[Actions]
DefStringList $out$
set $out$ = getOutStreamFromSection("WinBatch_show")
comment "=> " + composeString($out$, "|") + " " + getLastExitCode
WinBatch_missing
comment "=> " + getLastExitCode
comment "=> " + processCall('cmd.exe /C exit 4')
WinBatch_long /TimeoutSeconds 1
comment "=> " + getLastExitCode
if processIsRunning("ping.exe")
  comment "=> goes on"
endif
KillTask "PING.EXE"
if not(processIsRunning("ping.exe"))
  comment "=> ended"
endif
WinBatch_let /LetThemGo
comment "=> " + getLastExitCode
[WinBatch_show]
"${windowsPath(show)}" /D="C:\\a  b" -x
[WinBatch_missing]
C:\\windows\\nosuchprogram.exe
[WinBatch_long]
C:\\windows\\system32\\ping.exe -n 30 127.0.0.1
[WinBatch_let]
ping.exe -n 2 127.0.0.1
`);
  expect(log).toContain('[/D="C:\\a  b" -x]');
  expect(values.slice(1), log).toEqual(["-1", "4", "259", "goes on", "ended", "259"]);
});

test("PowerShell and installers get the documented command lines", async () => {
  const { log, exitCode } = await windows.run(`[Actions]
DefVar $code$
set $code$ = powershellCall("Write-Output 'a b'", "64bit", "true", "/encoding utf8bom")
WinBatch_msi
[WinBatch_msi]
msiexec.exe /i "C:\\no such.msi" /qn ALLUSERS=1 REBOOT=ReallySuppress /l* "C:\\a b.log"
`);
  expect(exitCode, log).toBe(0);
  const lines = [...log.matchAll(/Executing: (.*?)\r?$/gm)].map(([, line]) => line);
  const policy = "Set-ExecutionPolicy -Scope Process -ExecutionPolicy Bypass -Force -ErrorAction SilentlyContinue";
  expect(lines).toEqual([
    expect.stringMatching(/^powershell\.exe -Command "Set-.*; \(& '.*\\_opsiscript_\d+\.ps1' {2}\| Out-String\)/),
    'msiexec.exe /i "C:\\no such.msi" /qn ALLUSERS=1 REBOOT=ReallySuppress /l* "C:\\a b.log"',
  ]);
  expect(lines[0]).toContain(`-Command "${policy}; (`);
  expect(lines[0]).toMatch(/\.TrimEnd\(\); exit \$LASTEXITCODE;"$/);
});

test("sections that are dead warn, the script goes on", async () => {
  const { values, log, exitCode } = await windows.run(`[Actions]
DefStringList $list$
IdapiConfig_x
ProgmanGroups_x
XMLPatch_x "C:\\x.xml"
set $list$ = getReturnListFromSection('XMLPatch_x "C:\\x.xml"')
comment "=> " + count($list$)
[IdapiConfig_x]
anything
[ProgmanGroups_x]
anything
[XMLPatch_x]
openNodeSet 'x'
`);
  expect(values, log).toEqual(["0"]);
  expect(exitCode).toBe(0);
  expect(log).toContain("IdapiConfig_x is not executed: sections of the kind idapiconfig are not supported any more");
  expect(log).toContain("ProgmanGroups_x is not executed");
  expect(log).toContain("XMLPatch sections are not supported any more: use XML2");
});
