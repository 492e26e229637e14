import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runScript } from "../index.ts";
import { runLines } from "../run/test-interpreter.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-refused-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ["Patches", "set [section] key=value"],
  ["PatchTextFile", 'AddLine "text"'],
  ["PatchHosts", "setAddr name 10.0.0.1"],
  ["XML2", 'openNode "name"'],
])("%s of a file that the system refuses is an error, and the script goes on", (type, line) => {
  mkdirSync(join(folder, "file"));
  writeFileSync(join(folder, "no folder"), "");
  const { interpreter, values } = runLines(
    `[Actions]\n${type}_x "${folder}/file"\n${type}_x "${folder}/no folder/file"\ncomment "=> goes on"\n[${type}_x]\n${line}`,
  );
  expect(values).toEqual(["goes on"]);
  expect(interpreter.state.errors).toBe(2);
  expect(readdirSync(folder).sort()).toEqual(["file", "no folder"]);
});

test("a folder for links that the system refuses is an error, and the script goes on", () => {
  vi.stubEnv("HOME", folder);
  writeFileSync(join(folder, ".config"), "");
  const link = "set_link\nname: one\ntarget: /bin/true\nend_link\n";
  const { interpreter, values } = runLines(
    `[Actions]\nLinkFolder_x\ncomment "=> goes on"\n[LinkFolder_x]\nset_basefolder startup\nset_subfolder ""\n${link}`,
  );
  vi.unstubAllEnvs();
  expect(values).toEqual(["goes on"]);
  expect(interpreter.state.errors).toBe(1);
});

test("a script may remove the folder in which it works", () => {
  const file = join(folder, "test.opsiscript");
  mkdirSync(join(folder, "work"));
  writeFileSync(file, `[Actions]\nChangeDirectory "${folder}/work"\nFiles_x\n[Files_x]\ndel -s "${folder}/work"\n`);
  const directory = process.cwd();
  expect(runScript({ file, logFile: null })).toMatchObject({ exitCode: 0, errors: 0 });
  expect(process.cwd()).toBe(directory);
});
