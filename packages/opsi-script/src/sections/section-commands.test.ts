import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runLines } from "../run/test-interpreter.ts";
import { sectionCommands } from "./section-commands.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsi-section-commands-"));
  writeFileSync(join(folder, "file"), "<a/>\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Those whose commands touch nothing but the file that is named. */
const types = ["patches", "patchtextfile", "patchhosts", "xml2"] as const;
const known = types.flatMap((type) => [...(sectionCommands[type]?.keys() ?? [])].map((name) => [type, name] as const));

const logOf = (type: string, line: string) =>
  runLines(`[Actions]\nFatalOnSyntaxError = false\n${type}_x "${join(folder, "file")}"\n[${type}_x]\n${line}`).log.join(
    "\n",
  );

test.each(known)("%s sections know %s", (type, name) => {
  expect(logOf(type, `${name} "text" "other"`)).not.toContain("Unknown command");
});

test.each(types)("%s sections know nothing else", (type) => {
  expect(logOf(type, "frobnicate x")).toContain("Unknown command");
});
