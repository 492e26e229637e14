import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ColumnValue, onlyTable, readChangeset } from "./changeset.ts";

type Row = readonly [key: number, text: string | null, number: number | null, bytes: Uint8Array | null];

const rows = fc.uniqueArray(
  fc.tuple(
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    fc.option(fc.string({ unit: "grapheme", maxLength: 300 })),
    fc.option(
      fc.oneof(
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0),
      ),
    ),
    fc.option(fc.uint8Array({ maxLength: 20 })),
  ),
  { selector: ([key]) => key, maxLength: 20 },
);

/** What SQLite says of the way from some rows to others. */
function changesetOf(before: readonly Row[], after: readonly Row[]): Uint8Array {
  using database = new DatabaseSync(":memory:");
  database.exec('CREATE TABLE "ä""b" (key INTEGER PRIMARY KEY, t TEXT, n REAL, b BLOB)');
  const insert = database.prepare('INSERT INTO "ä""b" VALUES (?, ?, ?, ?)');
  for (const row of before) insert.run(...row);
  const session = database.createSession();
  database.exec('DELETE FROM "ä""b"');
  for (const row of after) insert.run(...row);
  return session.changeset();
}

const plain = (value: ColumnValue) => (value instanceof Uint8Array ? [...value] : value);

test("whatever rows were changed to, the changeset leads there", () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const state = new Map(before.map((row) => [row[0], row.map(plain)]));
      const changeset = changesetOf(before, after);
      for (const { table, before: was, after: is } of readChangeset(changeset)) {
        expect(table).toBe('ä"b');
        const key = Number((was ?? is)?.[0]);
        const known = state.get(key);
        for (const [at, value] of (was ?? []).entries()) {
          if (value !== undefined) expect(plain(value)).toEqual(known?.[at]);
        }
        if (is === null) state.delete(key);
        else
          state.set(
            key,
            is.map((value, at) => (value === undefined ? known?.[at] : plain(value))),
          );
      }
      expect([...state].sort()).toEqual(after.map((row) => [row[0], row.map(plain)]).sort());
      expect(onlyTable(changeset)).toBe(changeset.length === 0 ? null : 'ä"b');
    }),
  );
});

test("whatever bytes: changes or a RangeError", () => {
  const changeset = changesetOf(
    [[1, "a", 1, null]],
    [
      [1, "b", 2, null],
      [2, "c", null, null],
    ],
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(changeset.length), (bytes, at) => {
      for (const given of [bytes, Buffer.concat([changeset.subarray(0, at), bytes])]) {
        for (const read of [() => [...readChangeset(given)], () => onlyTable(given)]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        }
      }
    }),
  );
});
