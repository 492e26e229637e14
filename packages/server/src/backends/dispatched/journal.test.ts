import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Journal, type JournalEntry, readJournal } from "./journal.ts";

test("a journal gives back what it was given, whatever characters end a line elsewhere", async () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "storages.journal");
  const description = "a\u2028b\u2029c\u0085d\r\ne\vf\rg";
  const objects = [{ type: "OpsiClient", id: "pc.example.org", description }];
  const entries: JournalEntry[] = (["sqlite", "mysql"] as const).map((storage) => {
    return { storage, change: { kind: "write", prefix: "host", objects, mode: "merge" } };
  });
  const journal = new Journal(path);
  for (const entry of entries) await journal.add(entry);
  await journal.decide();
  expect(await Array.fromAsync(readJournal(path))).toEqual(entries);
});
