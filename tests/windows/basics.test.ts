import { afterAll, beforeAll, expect, test } from "vitest";
import { type WindowsScripts, windowsScripts } from "./windows-scripts.ts";

let windows: WindowsScripts;
beforeAll(async () => {
  windows = await windowsScripts();
}, 300_000); // the first time: downloads and a fresh Windows
afterAll(() => windows[Symbol.asyncDispose]());

test("constants are the folders of this Windows", async () => {
  const { values, log } = await windows.run(`[Actions]
comment "=> %Systemroot% %System% %SystemDrive%"
comment "=> %ProgramFiles64Dir%"
comment "=> %CommonAppDataDir%"
comment "=> %ProfileDir%"
comment "=> %CurrentDesktopDir%"
comment "=> %ScriptDrive%"
comment "=> %opsiTmpDir%"
comment "=> " + GetOS + " " + GetMSVersionInfo + " " + GetMSVersionName + " " + GetNTVersion
`);
  expect(values, log).toEqual([
    "C:\\windows C:\\windows\\system32 C:",
    "C:\\Program Files",
    "C:\\ProgramData",
    "C:\\users",
    expect.stringMatching(/^C:\\users\\.*\\Desktop$/),
    "Z:",
    "c:\\opsi.org\\tmp",
    "Windows_NT 10.0 10 Win NT 10.0",
  ]);
});
