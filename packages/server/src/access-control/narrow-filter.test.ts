import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { familyOf, fromHash, OpsiClient } from "@opsi-ts/model";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { HardwareCatalog } from "../configuration/hardware-catalog.ts";
import { narrowFilter } from "./narrow-filter.ts";

const ids = ["a.b.cc", "aa.b.cc", "ab.b.cc", "b.b.cc", "bab.b.cc", "pc-1.b.cc"];
const hosts = familyOf("host");
let folder = "";
let storage: SqliteStorage;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "opsi-narrow-"));
  storage = await SqliteStorage.open(join(folder, "opsi.sqlite"), HardwareCatalog.read(folder).types);
  if (hosts)
    await storage.write(
      hosts,
      ids.map((id) => fromHash(OpsiClient, { id })),
      "insert",
    );
});
afterAll(async () => {
  await storage[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function found(filter: Record<string, unknown>): Promise<string[]> {
  return hosts ? (await storage.readIdents(hosts, { filter })).map(({ id }) => String(id)).sort() : [];
}

test("a narrowed filter finds what the filter finds, of the given ids", async () => {
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "c", "*", "-", "A"), maxLength: 6 });
  const value = fc.oneof(
    fc.constantFrom(...ids, "A.B.CC", null),
    pattern,
    pattern.filter((text) => !/[*A]/.test(text)).map((text) => `>${text}`),
    pattern.filter((text) => !/[*A]/.test(text)).map((text) => `<${text}`),
  );
  const given = fc.oneof(value, fc.array(value, { maxLength: 14 }));
  await fc.assert(
    fc.asyncProperty(given, fc.subarray(ids), async (id, own) => {
      const narrowed = narrowFilter({ id }, "id", new Set(own));
      const expected = (await found({ id })).filter((one) => own.includes(one));
      expect(narrowed === null ? [] : await found({ ...narrowed })).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
