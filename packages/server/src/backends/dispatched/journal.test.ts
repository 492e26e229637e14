import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
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

test.skipIf(process.platform === "win32")("a journal that the disk has no room for is not decided", () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = `
    import { Journal } from ${JSON.stringify(import.meta.resolve("./journal.ts"))};
    const objects = [{ type: "OpsiClient", id: "pc.example.org", notes: "x".repeat(100_000) }];
    const journal = new Journal(${JSON.stringify(join(folder, "storages.journal"))});
    await journal.add({ storage: "sqlite", change: { kind: "remove", prefix: "host", idents: [{ id: "a" }] } });
    await journal.add({ storage: "mysql", change: { kind: "write", prefix: "host", objects, mode: "merge" } });
    await journal.decide().then(() => console.log("decided"), ({ code }) => console.log(code));`;
  const limited = 'trap \'\' XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"';
  const { stdout } = spawnSync("sh", ["-c", limited, process.execPath, program], { encoding: "utf8" });
  expect(stdout).toBe("EFBIG\n");
});

test.runIf(process.platform === "linux")("a journal that is not read to its end is closed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "storages.journal");
  writeFileSync(path, '{"storage":"mysql"}\n'.repeat(20_000));
  for await (const _entry of readJournal(path)) break;
  const target = (fd: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  };
  await vi.waitFor(() => expect(readdirSync("/proc/self/fd").map(target)).not.toContain(path));
});
