import type { StatementRunner, WatchedDatabase } from "../backends/sql/change-watch.ts";
import { raw, sql } from "../backends/sql/fragment.ts";
import { type Actor, service } from "./actor.ts";
import { hashOf, noHash, type StoredRecord } from "./record.ts";
import { compressed } from "./record-body.ts";
import { type ChainEnd, isSealed, sealOf } from "./seal.ts";

/** A record with its place in the chain. */
export interface ChainedRecord extends StoredRecord {
  readonly hash: string;
}

/** Type of the records about the trail itself. */
export const trailType = "AuditTrail";

/** The ident of the record that says that the chain was broken when it was continued. */
export const brokenIdent = "broken";

/** What one record tells, before it has its place in the chain. */
export interface NewRecord {
  readonly type: string;
  readonly changes: string | Uint8Array;
}

/** An end of the chain, and whether it is what we wrote; null if somebody took it away. */
export async function readEnd(
  runner: StatementRunner,
  name: ChainEnd["name"],
  key: Uint8Array,
  lock = "",
): Promise<{ readonly end: ChainEnd; readonly sealed: boolean } | null> {
  const statement = sql`SELECT "sequence", "hash", "seal" FROM "AUDIT_TRAIL_END" WHERE "name" = ${name}${raw(lock)}`;
  const [row] = await runner.rows(statement);
  if (row === undefined) return null;
  const end = { name, sequence: Number(row[0]), hash: String(row[1]) };
  return { end, sealed: isSealed(key, end, row[2]) };
}

/** The connection of a transaction, and what to know of its database. */
export interface TrailWriter {
  readonly runner: StatementRunner;
  readonly database: WatchedDatabase;
  /** Seals the ends. */
  readonly key: Uint8Array;
}

export async function writeEnd({ runner, database, key }: TrailWriter, end: ChainEnd): Promise<void> {
  const { name, sequence, hash } = end;
  const { dialect } = database;
  const values = sql`(${name}, ${sequence}, ${hash}, ${sealOf(key, end)})`;
  const update = ["sequence", "hash", "seal"].map((column) => `"${column}" = ${dialect.inserted(column)}`).join(", ");
  const conflict = raw(`${dialect.onConflict(["name"])} ${update}`);
  await runner.change(
    sql`INSERT INTO "AUDIT_TRAIL_END" ("name", "sequence", "hash", "seal") VALUES ${values} ${conflict}`,
  );
}

const columns = raw(`"sequence", "time", "user", "host", "address", "method", "type", "changes", "hash"`);

/** Records for which a condition holds. */
export async function readRecords(
  runner: StatementRunner,
  where: ReturnType<typeof raw>,
  order: "ASC" | "DESC",
  limit: number,
): Promise<ChainedRecord[]> {
  const end = raw(`ORDER BY "sequence" ${order} LIMIT ${limit}`);
  const found = await runner.rows(sql`SELECT ${columns} FROM "AUDIT_TRAIL" WHERE ${where} ${end}`);
  return found.map(recordOf);
}

/** As the columns say: a value of a wrong kind stays what it is, so that its hash does not fit. */
function recordOf(row: readonly unknown[]): ChainedRecord {
  const [sequence, time, user, host, address, method, type, changes, hash] = row;
  const number = typeof sequence === "string" ? Number(sequence) : sequence;
  return { sequence: number, time, user, host, address, method, type, changes: bodyOf(changes), hash } as ChainedRecord;
}

/** SQLite keeps bytes; elsewhere they are in base64, and do not begin as JSON does. */
const bodyOf = (changes: unknown) =>
  typeof changes === "string" && !changes.startsWith("[") ? Buffer.from(changes, "base64") : changes;

/** A text as the database can keep it: hashes depend on every character. */
function storableText(value: string, { dialect }: WatchedDatabase): string {
  return String(dialect.storable(dialect.holdsNul ? value : value.replaceAll("\0", "\ufffd")));
}

/** A body, and the form in which the database keeps it. */
function storableBody(body: NewRecord["changes"], database: WatchedDatabase) {
  const fitting = typeof body === "string" && storableText(body, database) !== body ? compressed(body) : body;
  const isText = typeof fitting === "string" || database.kind === "sqlite";
  return { changes: fitting, stored: isText ? fitting : Buffer.from(fitting).toString("base64") };
}

/** Who made changes, when, and what they are. */
export interface Entry {
  readonly actor: Actor;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly records: readonly NewRecord[];
}

/**
 * Continues the chain in a transaction. Where it does not end as we left it, a record says so for as long as records are
 * kept.
 */
export async function appendRecords(writer: TrailWriter, entries: readonly Entry[]): Promise<void> {
  if (entries.every(({ records }) => records.length === 0)) return;
  const { runner, database, key } = writer;
  const known = await readEnd(runner, "last", key, database.lock);
  const newest = await newestRecord(runner, database.lock);
  const intact = known?.sealed && known.end.sequence === newest.sequence && known.end.hash === newest.hash;
  // Numbers of records that somebody took away are not used again: their absence stays visible.
  const sequence = Math.max(newest.sequence, known?.sealed ? known.end.sequence : 0);
  const chain = new Chain(writer, { name: "last", sequence, hash: newest.hash });
  if (!intact) {
    await chain.append(
      aboutTrail({ ident: brokenIdent, before: null, after: { behind: sequence, newest: newest.sequence } }),
    );
  }
  for (const entry of entries) await chain.append(entry);
  await writeEnd(writer, chain.end);
}

/** What the service notes about the trail itself. */
export function aboutTrail(change: {
  readonly ident: string;
  readonly before: object | null;
  readonly after: object;
}): Entry {
  const records = [{ type: trailType, changes: JSON.stringify([change]) }];
  return { actor: service, time: new Date().toISOString(), records };
}

async function newestRecord(runner: StatementRunner, lock: string): Promise<ChainEnd> {
  const newest = `SELECT "sequence", "hash" FROM "AUDIT_TRAIL" ORDER BY "sequence" DESC LIMIT 1${lock}`;
  const [row] = await runner.rows(raw(newest));
  return { name: "last", sequence: Number(row?.[0] ?? 0), hash: String(row?.[1] ?? noHash) };
}

/** The end of the chain while records are added. */
class Chain {
  readonly #writer: TrailWriter;
  end: ChainEnd;

  constructor(writer: TrailWriter, end: ChainEnd) {
    this.#writer = writer;
    this.end = end;
  }

  async append({ actor, time, records }: Entry): Promise<void> {
    const { runner, database } = this.#writer;
    const text = (value: string | null) => (value === null ? null : storableText(value, database));
    const user = text(actor.user);
    const host = text(actor.host);
    const address = text(actor.address);
    const method = String(text(actor.method));
    for (const { type, changes: body } of records) {
      const { changes, stored } = storableBody(body, database);
      const sequence = this.end.sequence + 1;
      const hash = hashOf(this.end.hash, { sequence, time, user, host, address, method, type, changes });
      await runner.change({
        text: `INSERT INTO "AUDIT_TRAIL" (${columns.text}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        parameters: [sequence, time, user, host, address, method, type, stored, hash],
      });
      this.end = { name: "last", sequence, hash };
    }
  }
}
