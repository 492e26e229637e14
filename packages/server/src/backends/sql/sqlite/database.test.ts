import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "../fragment.ts";
import { Database } from "./database.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "database-"));
});
afterAll(() => rm(folder, { recursive: true }));

// SQLite rolls back by itself when a read fails on the disk; the server must not end with it.
test("a shared transaction that has ended by itself is left alone", async () => {
  using database = new Database(join(folder, "opsi.sqlite"), { sharesReads: true });
  expect(database.value(sql`SELECT 1`)).toBe(1);
  database.execute("ROLLBACK");
  database.renew();
  expect(database.value(sql`SELECT 2`)).toBe(2);
  await setImmediate();
});
