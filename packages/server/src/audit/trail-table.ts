import { raw, sql } from "../backends/sql/fragment.ts";
import type { Database } from "../backends/sql/sqlite/database.ts";
import { type Actor, service } from "./actor.ts";
import type { Change } from "./change.ts";
import { hashOf, noHash, type StoredRecord } from "./record.ts";
import { type ChainEnd, isSealed, sealOf } from "./seal.ts";

/** A record with its place in the chain. */
export interface ChainedRecord extends StoredRecord {
  readonly hash: string;
}

/** Changes that one record holds at most: keeps what is read and checked in one go small. */
const changesPerRecord = 500;

/** Type of the records about the trail itself. */
export const trailType = "AuditTrail";

/** The ident of the record that says that the chain was broken when it was continued. */
export const brokenIdent = "broken";

const createStatements = [
  `CREATE TABLE IF NOT EXISTS "AUDIT_TRAIL" (
  "sequence" INTEGER PRIMARY KEY,
  "time" TEXT NOT NULL,
  "user" TEXT,
  "host" TEXT,
  "address" TEXT,
  "method" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "changes" BLOB NOT NULL,
  "hash" TEXT NOT NULL
)`,
  `CREATE INDEX IF NOT EXISTS "index_AUDIT_TRAIL_time" ON "AUDIT_TRAIL" ("time")`,
  `CREATE TABLE IF NOT EXISTS "AUDIT_TRAIL_END" (
  "name" TEXT PRIMARY KEY,
  "sequence" INTEGER NOT NULL,
  "hash" TEXT NOT NULL,
  "seal" TEXT NOT NULL
) WITHOUT ROWID`,
  `CREATE TRIGGER IF NOT EXISTS "AUDIT_TRAIL_no_update" BEFORE UPDATE ON "AUDIT_TRAIL"
BEGIN SELECT RAISE(ABORT, 'records of the audit trail do not change'); END`,
  `CREATE TRIGGER IF NOT EXISTS "AUDIT_TRAIL_no_delete" BEFORE DELETE ON "AUDIT_TRAIL"
WHEN OLD."sequence" > coalesce((SELECT "sequence" FROM "AUDIT_TRAIL_END" WHERE "name" = 'first'), 0)
BEGIN SELECT RAISE(ABORT, 'records of the audit trail are kept'); END`,
];

/** Makes the tables where they are missing. */
export function createTrail(database: Database, key: Uint8Array): void {
  const isNew = database.value(sql`SELECT count(*) FROM sqlite_schema WHERE name = 'AUDIT_TRAIL'`) === 0;
  const ends = (["first", "last"] as const).map((name) => {
    const seal = sealOf(key, { name, sequence: 0, hash: noHash });
    return `INSERT INTO "AUDIT_TRAIL_END" VALUES ('${name}', 0, '${noHash}', '${seal}')`;
  });
  database.execute(["BEGIN IMMEDIATE", ...createStatements, ...(isNew ? ends : []), "COMMIT"].join(";\n"));
}

/** An end of the chain, and whether it is what we wrote; null if somebody took it away. */
export function readEnd(
  database: Database,
  name: ChainEnd["name"],
  key: Uint8Array,
): { readonly end: ChainEnd; readonly sealed: boolean } | null {
  const [row] = database.rows(sql`SELECT "sequence", "hash", "seal" FROM "AUDIT_TRAIL_END" WHERE "name" = ${name}`);
  if (row === undefined) return null;
  const end = { name, sequence: Number(row[0]), hash: String(row[1]) };
  return { end, sealed: isSealed(key, end, row[2]) };
}

export function writeEnd(database: Database, end: ChainEnd, key: Uint8Array): void {
  const { name, sequence, hash } = end;
  const values = sql`(${name}, ${sequence}, ${hash}, ${sealOf(key, end)})`;
  database.rows(sql`INSERT OR REPLACE INTO "AUDIT_TRAIL_END" ("name", "sequence", "hash", "seal") VALUES ${values}`);
}

const columns = raw(`"sequence", "time", "user", "host", "address", "method", "type", "changes", "hash"`);

/** Records behind `after` in their order, up to a sequence number. */
export function readRecords(database: Database, after: number, upTo: number, limit: number): ChainedRecord[] {
  const found = database.rows(
    sql`SELECT ${columns} FROM "AUDIT_TRAIL" WHERE "sequence" > ${after} AND "sequence" <= ${upTo} ORDER BY "sequence" LIMIT ${limit}`,
  );
  return found.map(recordOf);
}

/** As the columns say: a value of a wrong kind stays what it is, so that its hash does not fit. */
export function recordOf(row: readonly unknown[]): ChainedRecord {
  const [sequence, time, user, host, address, method, type, changes, hash] = row;
  return { sequence, time, user, host, address, method, type, changes, hash } as ChainedRecord;
}

/** What one record tells. */
export interface NewRecord {
  readonly type: string;
  readonly changes: readonly Change[] | Uint8Array;
}

/**
 * Continues the chain, inside of the transaction that makes the changes. Where the chain does not end as we left it,
 * a record says so for as long as records are kept.
 */
export function appendRecords(database: Database, key: Uint8Array, actor: Actor, records: readonly NewRecord[]): void {
  if (records.length === 0) return;
  const known = readEnd(database, "last", key);
  const newest = newestRecord(database);
  const intact = known?.sealed && known.end.sequence === newest.sequence && known.end.hash === newest.hash;
  // Numbers of records that somebody took away are not used again: their absence stays visible.
  const sequence = Math.max(newest.sequence, known?.sealed ? known.end.sequence : 0);
  const chain = new Chain(database, { name: "last", sequence, hash: newest.hash });
  if (!intact) {
    const broken = { ident: brokenIdent, before: null, after: { behind: sequence, newest: newest.sequence } };
    chain.append(service, trailType, JSON.stringify([broken]));
  }
  for (const { type, changes } of records) {
    if (changes instanceof Uint8Array) chain.append(actor, type, changes);
    else {
      for (let at = 0; at < changes.length; at += changesPerRecord) {
        chain.append(actor, type, JSON.stringify(changes.slice(at, at + changesPerRecord)));
      }
    }
  }
  writeEnd(database, chain.end, key);
}

function newestRecord(database: Database): ChainEnd {
  const newest = sql`SELECT "sequence", "hash" FROM "AUDIT_TRAIL" ORDER BY "sequence" DESC LIMIT 1`;
  const [row] = database.rows(newest);
  return { name: "last", sequence: Number(row?.[0] ?? 0), hash: String(row?.[1] ?? noHash) };
}

/** The end of the chain while records are added. */
class Chain {
  readonly #database: Database;
  readonly #time = new Date().toISOString();
  end: ChainEnd;

  constructor(database: Database, end: ChainEnd) {
    this.#database = database;
    this.end = end;
  }

  append({ user, host, address, method }: Actor, type: string, changes: string | Uint8Array): void {
    const sequence = this.end.sequence + 1;
    const time = this.#time;
    const record = { sequence, time, user, host, address, method, type, changes };
    const hash = hashOf(this.end.hash, record);
    this.#database.rows({
      text: `INSERT INTO "AUDIT_TRAIL" (${columns.text}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      parameters: [sequence, time, user, host, address, method, type, changes, hash],
    });
    this.end = { name: "last", sequence, hash };
  }
}
