import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseShellLink } from "./shell-link.ts";
import { type WindowsScripts, windowsPath, windowsScripts } from "./windows-scripts.ts";

let windows: WindowsScripts;
const name = `opsi-test-${process.pid}`;
const menu = () => join(windows.drive, "ProgramData/Microsoft/Windows/Start Menu/Programs", name);
beforeAll(async () => {
  windows = await windowsScripts();
}, 300_000); // the first time: downloads and a fresh Windows
afterAll(async () => {
  await rm(menu(), { recursive: true, force: true });
  await windows[Symbol.asyncDispose]();
});

test("links are real: Windows' format says what the script said", async () => {
  const { log, exitCode } = await windows.run(`encoding=utf8
[Actions]
LinkFolder_make
[LinkFolder_make]
set_basefolder common_programs
set_subfolder "${name}\\inner"
set_link
name: Editor für alle
target: C:\\windows\\system32\\notepad.exe
parameters: "/A ""C:\\a b.txt"""
working_dir: C:\\windows
icon_file: C:\\windows\\system32\\shell32.dll
icon_index: 3
shortcut: Ctrl+Alt+VK_F12
window_state: max
end_link
set_link
name: gone
target: C:\\windows\\regedit.exe
end_link
delete_element "gone"
set_subfolder "${name}\\other"
delete_subfolder "${name}\\other"
set_subfolder "..\\..\\outside"
`);
  expect(exitCode, log).toBe(0);
  expect(parseShellLink(await readFile(join(menu(), "inner/Editor für alle.lnk")))).toEqual({
    target: "C:\\windows\\system32\\notepad.exe",
    workingFolder: "C:\\windows",
    parameters: '/A "C:\\a b.txt"',
    iconFile: "C:\\windows\\system32\\shell32.dll",
    iconIndex: 3,
    showCommand: 3,
    hotKey: 0x067b,
  });
  expect([existsSync(join(menu(), "inner/gone.lnk")), existsSync(join(menu(), "other"))]).toEqual([false, false]);
  expect(log).toMatch(/outside is not below the folder common_programs/);
});

test("ini files in code pages, with the line ends of Windows", async () => {
  const ini = join(windows.folder, "settings.ini");
  const dos = join(windows.folder, "dos.ini");
  await writeFile(ini, Buffer.from("[a]\r\nname=M\xfcller\r\n", "latin1"));
  await writeFile(dos, Buffer.from("[a]\r\nname=M\x81ller\r\n", "latin1"));
  const { values, log } = await windows.run(`encoding=utf8
[Actions]
Patches_x "${windowsPath(ini)}"
Patches_x "${windowsPath(dos)}" /encoding cp850
Patches_x "${windowsPath(join(windows.folder, "new/wide.ini"))}" /encoding utf16le
comment "=> " + GetValueFromInifile("${windowsPath(ini)}", "a", "name", "")
comment "=> " + GetValueFromInifile("${windowsPath(ini)}", "b", "city", "")
comment "=> " + GetValueFromInifile("${windowsPath(dos)}", "A", "name", "", "cp850")
[Patches_x]
add [a] name=other
set [b] city=Köln
`);
  expect(values, log).toEqual(["Müller", "Köln", "Müller"]);
  expect(await readFile(ini, "latin1")).toBe("[a]\r\nname=M\xfcller\r\n\r\n[b]\r\ncity=K\xf6ln\r\n");
  expect(await readFile(dos, "latin1")).toBe("[a]\r\nname=M\x81ller\r\n\r\n[b]\r\ncity=K\x94ln\r\n");
  expect(await readFile(join(windows.folder, "new/wide.ini"), "utf16le")).toContain("[b]\r\ncity=Köln\r\n");
});

test("files are copied, found, deleted; Windows' own folders are not", async () => {
  const tree = join(windows.folder, "tree");
  await mkdir(join(tree, "sub"), { recursive: true });
  await writeFile(join(tree, "A.TXT"), "a");
  await writeFile(join(tree, "sub/b.txt"), "b");
  const path = windowsPath(windows.folder);
  const { values, log } = await windows.run(`[Actions]
Files_x
if FileExists("${path}\\copy\\sub\\B.TXT") and not(FileExists("${path}\\tree"))
  comment "=> copied"
endif
if FileExistsSysNative("%System%\\cmd.exe") and DirectoryExists("%SystemDrive%\\Program Files")
  comment "=> there"
endif
if HasMinimumSpace("C:", "1 KB") and isDriveReady("C")
  comment "=> room"
endif
DefStringList $info$
set $info$ = getFileInfoMap("%System%\\winver.exe")
comment "=> " + getValue("CompanyName", $info$) + " " + getValue("OriginalFilename", $info$)
comment "=> " + ExtractFilePath("C:\\a\\b.txt") + " " + ExtractFileName("C:/a/b.txt") + " " + forcePathDelims("a/b")
[Files_x]
copy -s "${path}\\tree\\*.txt" "${path}\\copy"
del -s "${path}\\tree"
del -s C:\\Windows\\
del -s "C:\\Program Files"
del -s \\windows
`);
  expect(values, log).toEqual(["copied", "there", "room", "Microsoft Corporation winver.exe", "C:\\a\\ b.txt a\\b"]);
  expect(log.match(/By policy we will not delete/g)).toHaveLength(3);
});
