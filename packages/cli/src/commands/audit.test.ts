import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestSite, type TestSite } from "../testing/test-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite();
  await site.opsi("client", "create", "pc1.example.org", "pc2.example.org", "--description", "first");
  await site.opsi("client", "delete", "pc2.example.org", "--yes");
});
afterAll(() => site[Symbol.asyncDispose]());

interface Listed {
  readonly who: string;
  readonly method: string;
  readonly type: string;
  readonly ident: string;
  readonly before: unknown;
  readonly after: unknown;
}

test("an administrator sees who created and deleted clients, without their keys", async () => {
  const listed = await site.json<Listed[]>("audit", "list", "--type", "Host", "--ident", "pc*", "--since", "1h");
  expect(listed.map(({ who, method, ident, after }) => [who, method, ident, after === null])).toEqual([
    [site.hostId, "host_delete", "pc2.example.org", true],
    [site.hostId, expect.stringMatching(/^host_/), "pc1.example.org", false],
    [site.hostId, expect.stringMatching(/^host_/), "pc2.example.org", false],
  ]);
  expect(listed[1]?.after).toMatchObject({ description: "first", opsiHostKey: expect.stringMatching(/^secret:/) });
  const { out } = await site.opsi("audit", "list", "--ident", "pc1*", "--limit", "1");
  expect(out).toContain("pc1.example.org");
  expect(await site.opsi("audit", "list", "--since", "tomorrow")).toMatchObject({ exitCode: 2 });
});

test("the whole trail is exported, a record a line", async () => {
  const path = join(site.folder, "audit.jsonl");
  const [said] = await site.json<{ records: number }[]>("audit", "export", path);
  const records = (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(records).toHaveLength(said?.records ?? 0);
  expect(records[0]).toMatchObject({ sequence: 1, user: null, host: null, method: "service", type: "Host" });
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
});

test("verification says that all is well, and what is not", async () => {
  expect(await site.json("audit", "verify")).toMatchObject([
    { first: 1, lastHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  {
    using database = new DatabaseSync(join(site.root, "var/lib/opsi/opsi.sqlite"), { timeout: 5000 });
    database.exec(`DROP TRIGGER "AUDIT_TRAIL_no_update"; UPDATE AUDIT_TRAIL SET "user" = 'eve' WHERE "sequence" = 2`);
  }
  expect(await site.opsi("audit", "verify")).toMatchObject({
    exitCode: 1,
    out: expect.stringContaining("record 2 is not what was recorded"),
    errors: expect.stringContaining("the audit trail is damaged: 1 problem"),
  });
});
