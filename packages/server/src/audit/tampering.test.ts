import { DatabaseSync } from "node:sqlite";
import { familyOf } from "@opsi-ts/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { actAs } from "./actor.ts";
import { noHash } from "./record.ts";
import { object, openTestTrail, type SqliteTrail, testTrail } from "./test-trail.ts";

const admin = { user: "admin", host: null, address: "10.0.0.1", method: "host_createObjects" };
const client = (number: number, more = {}) => object("OpsiClient", { id: `pc${number}.example.org`, ...more });

/** Seven records, the last of them of many rows. */
async function sevenRecords(): Promise<SqliteTrail> {
  const site = await openTestTrail();
  await actAs(admin, async () => {
    for (let number = 1; number <= 3; number++) await site.write("host", [client(number)]);
    await site.write("host", [client(1, { description: "x" })], "update");
    await site.storage.remove(familyOf("host"), [{ id: "pc2.example.org" }]);
    await site.write("group", [object("HostGroup", { id: "g" })]);
    const states = Array.from({ length: 400 }, (_, number) =>
      object("ProductOnClient", {
        ...{ productId: `product-${number}`, productType: "LocalbootProduct", clientId: "pc1.example.org" },
      }),
    );
    await site.write("productOnClient", states);
  });
  expect((await site.records()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  return site;
}

const columns = ["time", "user", "host", "address", "method", "type", "changes", "hash"];

test("whatever byte of whatever record is changed is found", async () => {
  await using site = await sevenRecords();
  expect(await site.problems()).toEqual([]);
  site.tamper("SELECT 1"); // takes the triggers away
  using database = new DatabaseSync(site.path, { timeout: 5000 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom(...columns),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (sequence, column, position, change) => {
        const read = database.prepare(`SELECT "${column}" AS value FROM AUDIT_TRAIL WHERE "sequence" = ?`);
        const update = database.prepare(`UPDATE AUDIT_TRAIL SET "${column}" = ? WHERE "sequence" = ?`);
        const value = read.get(sequence)?.["value"] as string | Uint8Array | null;
        const isText = typeof value === "string";
        const bytes = Buffer.from(value ?? "x");
        const at = position % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (isText ? (change % 15) + 1 : change);
        update.run(isText || value === null ? bytes.toString("latin1") : bytes, sequence);
        const problems = await site.problems();
        update.run(value, sequence);
        expect(problems).toContain(
          column === "hash" && sequence === 7
            ? "record 7 is not the last one that was recorded"
            : `record ${column === "hash" ? sequence + 1 : sequence} is not what was recorded`,
        );
      },
    ),
    { numRuns: 150 },
  );
  expect(await site.problems()).toEqual([]);
});

test.each<[what: string, statements: readonly string[], problems: readonly string[]]>([
  ["a record", [`DELETE FROM AUDIT_TRAIL WHERE "sequence" = 3`], ["records 3 to 3 are missing"]],
  ["some records", [`DELETE FROM AUDIT_TRAIL WHERE "sequence" IN (3, 4, 5)`], ["records 3 to 5 are missing"]],
  ["the oldest one", [`DELETE FROM AUDIT_TRAIL WHERE "sequence" = 1`], ["records 1 to 1 are missing"]],
  ["the newest ones", [`DELETE FROM AUDIT_TRAIL WHERE "sequence" > 5`], ["records 6 to 7 are missing"]],
  ["all", ["DELETE FROM AUDIT_TRAIL"], ["records 1 to 7 are missing"]],
  [
    "the newest ones, and the end says so",
    [
      `DELETE FROM AUDIT_TRAIL WHERE "sequence" > 5`,
      `UPDATE AUDIT_TRAIL_END SET "sequence" = 5, "hash" = (SELECT "hash" FROM AUDIT_TRAIL WHERE "sequence" = 5) WHERE name = 'last'`,
    ],
    ["the end of the trail is not as this server wrote it"],
  ],
  [
    "the oldest ones, and the beginning says so",
    [
      `UPDATE AUDIT_TRAIL_END SET "sequence" = 2, "hash" = (SELECT "hash" FROM AUDIT_TRAIL WHERE "sequence" = 2) WHERE name = 'first'`,
      `DELETE FROM AUDIT_TRAIL WHERE "sequence" <= 2`,
    ],
    ["the beginning of the trail is not as this server wrote it"],
  ],
  ["the ends", ["DELETE FROM AUDIT_TRAIL_END"], ["the beginning of the trail is not", "the end of the trail is not"]],
])("who takes away %s is found out, and stays so after further changes", async (_what, statements, problems) => {
  await using site = await sevenRecords();
  for (const statement of statements) site.tamper(statement);
  const found = await site.problems();
  expect(found).toEqual(problems.map((problem) => expect.stringContaining(problem)));
  await site.write("host", [client(9)]); // work goes on
  expect(await site.problems()).not.toEqual([]);
});

test("a record that somebody adds is found, also with a hash that fits", async () => {
  await using site = await sevenRecords();
  site.tamper(
    `INSERT INTO AUDIT_TRAIL SELECT 8, "time", 'nobody', "host", "address", "method", "type", "changes", ? FROM AUDIT_TRAIL WHERE "sequence" = 6`,
    noHash,
  );
  expect(await site.problems()).toEqual([
    "record 8 is not what was recorded",
    "record 8 is not the last one that was recorded",
  ]);
});

test("the database itself keeps records from being changed or removed", async () => {
  await using site = await sevenRecords();
  using database = new DatabaseSync(site.path, { timeout: 5000 });
  expect(() => database.exec("UPDATE AUDIT_TRAIL SET user = 'x'")).toThrow("records of the audit trail do not change");
  expect(() => database.exec("DELETE FROM AUDIT_TRAIL")).toThrow("records of the audit trail are kept");
});

test("another key is told apart from an untouched trail", async () => {
  await using site = await sevenRecords();
  const { SqliteStorage } = await import("../backends/sql/sqlite/sqlite-storage.ts");
  const { defaultHardwareTypes } = await import("@opsi-ts/model");
  const trail = testTrail({ key: Buffer.alloc(32) });
  await using _other = await SqliteStorage.open(site.path, defaultHardwareTypes, trail);
  expect((await trail.verify(null, 10)).problems).toHaveLength(2);
});

test("a long trail is verified piece by piece", async () => {
  await using site = await sevenRecords();
  for (let number = 0; number < 130; number++)
    await site.write("host", [client(number % 2 ? 1 : 3, { notes: `${number}` })]);
  site.tamper(`UPDATE AUDIT_TRAIL SET "user" = 'x' WHERE "sequence" = 120`);
  const problems: string[] = [];
  let checked = 0;
  for (let next: number | null = null, first = true; first || next !== null; first = false) {
    const piece = await site.trail.verify(next, 20);
    checked += piece.checked;
    problems.push(...piece.problems.map(({ problem }) => problem));
    next = piece.next;
  }
  expect(checked).toBe(137);
  expect(problems).toEqual(["record 120 is not what was recorded"]);
});
