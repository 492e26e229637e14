import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type WindowsScripts, windowsPath, windowsScripts } from "./windows-scripts.ts";

let windows: WindowsScripts;
const name = `opsi-test-${process.pid}`;
beforeAll(async () => {
  windows = await windowsScripts();
}, 300_000); // the first time: downloads and a fresh Windows
afterAll(async () => {
  await windows.program("reg", "delete", `HKLM\\Software\\${name}`, "/f", "/reg:64").catch(() => {});
  await windows.program("reg", "delete", `HKLM\\Software\\${name}`, "/f", "/reg:32").catch(() => {});
  await windows.program("reg", "delete", `HKCU\\Software\\${name}`, "/f").catch(() => {});
  await windows[Symbol.asyncDispose]();
});

test("each type arrives as Windows' own program shows it, and comes back", async () => {
  const key = `HKLM\\Software\\${name}\\types`;
  const { values, log } = await windows.run(`encoding=utf8
[Actions]
Registry_types /64Bit
comment "=> " + GetRegistryValue("${key}", "text")
comment "=> " + GetRegistryValue("${key}", "umlaut")
comment "=> " + GetRegistryValue("${key}", "number")
comment "=> " + GetRegistryValue("${key}", "big")
comment "=> " + GetRegistryValue("${key}", "several")
comment "=> " + GetRegistryValue("${key}", "bytes")
comment "=> " + GetRegistryValue("${key}", "")
comment "=> [" + GetRegistryValue("${key}", "missing") + "]"
[Registry_types]
openKey [${key}]
set "text" = "a ""quoted"" word"
set "umlaut" = REG_SZ:"Grüße €"
set "path" = "%PATH%\\x"
set "forced" = REG_EXPAND_SZ:"plain"
set "number" = REG_DWORD:0x1f
set "big" = REG_QWORD:4294967296
set "several" = REG_MULTI_SZ:"one|two"
set "bytes" = REG_BINARY:00 ff 1A
set "wrapped" = ""C:\\a b""
set "" = "default"
`);
  expect(values, log).toEqual([
    'a "quoted" word',
    "Grüße €",
    "31",
    "4294967296",
    "one|two",
    "00 ff 1a",
    "default",
    "[]",
  ]);
  const shown = await windows.program("reg", "query", key, "/reg:64");
  for (const line of [
    /text +REG_SZ +a "quoted" word/,
    /path +REG_EXPAND_SZ +%PATH%\\x/,
    /forced +REG_EXPAND_SZ +plain/,
    /number +REG_DWORD +0x1f/,
    /big +REG_QWORD/, // Wine 8 does not show the number
    /several +REG_MULTI_SZ +one\\0two/,
    /bytes +REG_BINARY +00FF1A/,
    /wrapped +REG_SZ +"C:\\a b"/,
  ]) {
    expect(shown).toMatch(line);
  }
});

test("programs of 32 bits have their own half, which is the usual one", async () => {
  const key = `HKLM\\Software\\${name}\\views`;
  const { values, log } = await windows.run(`[Actions]
Registry_x
Registry_y /SysNative
comment "=> " + GetRegistryStringValue("[${key}] half")
comment "=> " + GetRegistryStringValue64("[${key}] half")
comment "=> " + GetRegistryValue("${key}", "half", "32bit")
if RegKeyExists("${key}\\only32")
  comment "=> wrong half"
endif
if RegVarExists("${key}", "half", "32bit")
  comment "=> there"
endif
[Registry_x]
openKey [${key}\\only32]
openKey [${key}]
set "half" = "32"
[Registry_y]
openKey [${key}]
set "half" = "64"
`);
  expect(values, log).toEqual(["32", "64", "32", "there"]);
});

test("lists, adding, deleting", async () => {
  const key = `HKCU\\Software\\${name}\\changes`;
  const { values, log, exitCode } = await windows.run(`[Actions]
DefStringList $names$
Registry_x
comment "=> " + GetRegistryValue("${key}", "list")
comment "=> " + GetRegistryValue("${key}", "kept")
set $names$ = getRegistryVarList("${key}")
comment "=> " + composeString($names$, ",")
set $names$ = getRegistryKeyList("${key}")
comment "=> " + composeString($names$, ",")
set $names$ = getRegistryVarMap("${key}\\b")
comment "=> " + composeString($names$, ",")
Registry_y
set $names$ = getRegistryVarList("${key}")
comment "=> [" + composeString($names$, ",") + "]"
if not(RegKeyExists("${key}\\a"))
  comment "=> gone"
endif
[Registry_x]
openKey [${key}]
set "list" = REG_EXPAND_SZ:"C:\\A;C:\\b"
supp "list" ; "c:\\a;C:\\new;C:\\B"
DeleteListEntries "list" ; "c:\\B"
set "kept" = "first"
add "kept" = "second"
set "dropped" = "x"
DeleteVar "dropped"
openKey [${key}\\a\\deep]
openKey [${key}\\b]
set "x" = "1"
[Registry_y]
openKey [${key}]
DeleteAllVars
DeleteKey [${key}\\a]
DeleteKey [${key}\\never there]
FlushKey
`);
  expect(values, log).toEqual(["C:\\A;C:\\new", "first", "kept,list", "a,b", "x=1", "[]", "gone"]);
  expect(exitCode).toBe(0);
});

test("an exported file, an inf section, base keys", async () => {
  const key = `HKEY_LOCAL_MACHINE\\Software\\${name}\\files`;
  const file = join(windows.folder, "export.reg");
  await writeFile(
    file,
    `\ufeffWindows Registry Editor Version 5.00\r\n\r\n[${key}]\r\n"path"="C:\\\\a \\"b\\""\r\n@="dflt"\r\n"n"=dword:0000000a\r\n"multi"=hex(7):61,00,00,00,\\\r\n  62,00,00,00,00,00\r\n"expand"=hex(2):25,00,41,00,25,00,00,00\r\n"gone"="x"\r\n"gone"=-\r\n`,
    "utf16le",
  );
  const { values, log } = await windows.run(`[Actions]
registry "${windowsPath(file)}" /regedit /64Bit
Registry_inf /AddReg /64Bit
Registry_base /64Bit /BaseKey= "${key}"
DefStringList $all$
set $all$ = getRegistryVarMap64("${key}")
comment "=> " + composeString($all$, ";")
[Registry_inf]
HKLM,"Software\\${name}\\files","inf",0,"text, with comma"
; once in C:\\
HKLM,"Software\\${name}\\files","infnumber",65537,7
HKLM,"Software\\${name}\\files","infbytes",196609,1,\\
 ff
[Registry_base]
openKey [below]
set "x" = "1"
`);
  expect(values[0]?.split(";").sort(), log).toEqual([
    "=dflt",
    "expand=%A%",
    "inf=text, with comma",
    "infbytes=01 ff",
    "infnumber=7",
    "multi=a|b",
    "n=10",
    'path=C:\\a "b"',
  ]);
  expect(await windows.program("reg", "query", `${key}\\below`, "/reg:64")).toMatch(/x +REG_SZ +1/);
});

test("two hundred values take a moment", async () => {
  const lines = Array.from({ length: 200 }, (_, index) => `set "value${index}" = "text ${index}"`);
  const { values, log } = await windows.run(`[Actions]
DefVar $seconds$
MarkTime
Registry_many
set $seconds$ = getDiffTimeSec
comment "=> $seconds$" + $seconds$
[Registry_many]
openKey [HKCU\\Software\\${name}\\many]
${lines.join("\n")}
`);
  expect(Number(values[0]?.replace("$seconds$", "")), log).toBeLessThan(3);
  expect((await windows.program("reg", "query", `HKCU\\Software\\${name}\\many`)).match(/REG_SZ/g)).toHaveLength(200);
});

test("what cannot be done is an error of the script, which goes on", async () => {
  const { values, log, exitCode } = await windows.run(`[Actions]
Registry_x
comment "=> goes on"
[Registry_x]
DeleteKey [HKLM]
set "x" = "no key is open"
openKey [HKCU\\Software\\${name}\\errors]
set "y" = "1"
`);
  expect(values, log).toEqual(["goes on"]);
  expect(exitCode).toBe(0);
  expect(log).toMatch(/HKLM cannot be deleted/);
  expect(log).toMatch(/no key is open/);
  expect(log).toMatch(/2 errors/);
});

test("users: whoever is there by the open registry, others by their files, of which nothing stays open", async () => {
  const seen = join(windows.folder, "seen.txt");
  // in Wine these files are texts
  await writeFile(
    join(windows.folder, "NTUSER.DAT"),
    'WINE REGISTRY Version 2\n\n[Software\\\\inside] 1\n"was"="there"\n',
  );
  const { values, log } = await windows.run(`[Actions]
Registry_one /NTUserDat: "${windowsPath(join(windows.folder, "NTUSER.DAT"))}"
Registry_one /NTUserDat: "${windowsPath(join(windows.folder, "missing.dat"))}"
Registry_all /AllNTUserDats
comment "=> " + GetRegistryValue("HKCU\\Software\\${name}\\everyone", "x")
if RegKeyExists("HKU\\%TempUser%")
  comment "=> still open"
endif
[Registry_one]
openKey [HKCU\\Software\\inside]
set "x" = "into the file"
SaveValueToFile "was" "${windowsPath(seen)}"
openKey [Software\\relative]
[Registry_all]
openKey [HKEY_CURRENT_USER\\Software\\${name}\\everyone]
set "x" = "me too"
`);
  expect(values, log).toEqual(["me too"]);
  expect(log).toContain("Key HKEY_USERS\\PatchNTUserdatTempUser\\Software\\relative created");
  expect(await readFile(seen, "utf8")).toBe("there\r\n");
  expect(log).toContain("missing.dat: Windows error 2");
});
