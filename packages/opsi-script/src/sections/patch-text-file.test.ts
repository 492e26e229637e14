import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runLines } from "../run/test-interpreter.ts";

// took a minute when each line was sorted in by itself
test("a long file is appended to sorted lines in a moment", { timeout: 15_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "opsi-patch-text-"));
  try {
    const lines = Array.from({ length: 5000 }, (_, index) => `ä ${10_000 + ((index * 7919) % 5000)}`);
    writeFileSync(join(folder, "added"), lines.join("\n"));
    runLines(
      `[Actions]\nPatchTextFile_x "${folder}/file"\n[PatchTextFile_x]\nSorted\nAddLine "z"\nAppend_File "${folder}/added"`,
    );
    expect(readFileSync(join(folder, "file"), "utf8")).toBe(`${["z", ...lines.toSorted()].join("\n")}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
