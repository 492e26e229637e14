import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "../fragment.ts";
import { BulkReader } from "./bulk-reader.ts";
import { Database } from "./database.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-reader-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("after the thread failed, reads begin anew", async () => {
  const path = join(folder, "late.sqlite");
  await using reader = new BulkReader(path);
  const statement = sql`SELECT '5' AS json, 1 AS "row"`;
  await expect(reader.read(statement)).rejects.toMatchObject({
    class: "BackendIOError",
    message: expect.stringContaining("unable to open database file"),
  });
  new Database(path)[Symbol.dispose]();
  const read = await reader.read(statement, statement);
  expect(read.parse()).toEqual([5, 5]);
  expect(read.elements).toBe(2);
});
