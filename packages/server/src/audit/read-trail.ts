import { OpsiError } from "@opsi-ts/model";
import type { StatementRunner, WatchedDatabase } from "../backends/sql/change-watch.ts";
import { type Fragment, join, raw, sql } from "../backends/sql/fragment.ts";
import { Turn } from "../backends/turn.ts";
import type { Change } from "./change.ts";
import type { StoredRecord } from "./record.ts";
import { type ChainedRecord, readRecords } from "./trail-table.ts";

/** What to read; all conditions hold together. Texts are compared whole, * stands for anything, case does not count. */
export interface AuditFilter {
  /** ISO 8601; this moment and later. */
  readonly from?: string | undefined;
  /** Before this moment. */
  readonly to?: string | undefined;
  readonly user?: string | undefined;
  readonly host?: string | undefined;
  readonly address?: string | undefined;
  readonly method?: string | undefined;
  /** Not `type`: a parameter with that becomes an object. */
  readonly objectType?: string | undefined;
  /** Only these changes of a record are shown. */
  readonly ident?: string | undefined;
}

/** A record as it is shown. */
export interface AuditRecord extends Omit<StoredRecord, "changes"> {
  readonly changes: readonly Change[];
  readonly hash: string;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** What to give as `after` for the next page; null: there is nothing more. There may be more behind an empty page. */
  readonly next: number | null;
}

export interface AuditQuery {
  readonly filter: AuditFilter;
  /** The page begins behind this record; null: at the beginning. */
  readonly after: number | null;
  readonly count: number;
  readonly newestFirst: boolean;
}

/** Records that one statement goes through, whether they fit or not. */
const recordsPerRead = 500;
/** As many as may be shown, no more: some hundred records with all their changes are megabytes. */
const recordsAtOnce = 50;
/** What one call may cost; whoever wants more asks again. */
const recordsPerCall = 50_000;
const charactersPerCall = 4_000_000;

const textColumns = { user: "user", host: "host", address: "address", method: "method", objectType: "type" } as const;

/** A pattern of a filter as one of LIKE. */
const likePattern = (text: string) => text.toLowerCase().replace(/[!%_]/g, "!$&").replaceAll("*", "%");

function conditionsOf(filter: AuditFilter): Fragment[] {
  const conditions: Fragment[] = [];
  if (filter.from !== undefined) conditions.push(sql`"time" >= ${moment("from", filter.from)}`);
  if (filter.to !== undefined) conditions.push(sql`"time" < ${moment("to", filter.to)}`);
  for (const [name, column] of Object.entries(textColumns)) {
    const text = filter[name as keyof typeof textColumns];
    if (text !== undefined) conditions.push(sql`lower(${raw(`"${column}"`)}) LIKE ${likePattern(text)} ESCAPE '!'`);
  }
  return conditions;
}

/** @throws ValueError */
function moment(field: string, text: string): string {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new OpsiError("ValueError", `Bad time: '${text}', expected like 2026-01-31T12:00:00Z`, { field });
}

export type ReadChanges = (record: ChainedRecord) => readonly Change[];

/** The records that fit, a page of them. */
export async function readTrail(
  database: WatchedDatabase,
  changesOf: ReadChanges,
  query: AuditQuery,
): Promise<AuditPage> {
  const { filter, count, newestFirst } = query;
  const conditions = conditionsOf(filter);
  const fits = filter.ident === undefined ? null : matcher(filter.ident);
  const turn = new Turn();
  const records: AuditRecord[] = [];
  let characters = 0;
  const edges = await database.read((runner) => edgesOf(runner, filter));
  let position = query.after ?? (newestFirst ? edges.above : edges.below);
  for (let passed = 0; passed < recordsPerCall; passed += recordsPerRead) {
    const found = await database.read(async (runner) => {
      const range = await rangeBehind(runner, edges, position, newestFirst);
      if (range === null) return null;
      const between = sql`"sequence" BETWEEN ${range.low} AND ${range.high}`;
      const where = join([between, ...conditions], " AND ");
      return { ...range, read: await readRecords(runner, where, newestFirst ? "DESC" : "ASC", recordsAtOnce) };
    });
    if (found === null) return { records, next: null };
    for (const stored of found.read) {
      position = stored.sequence;
      characters += stored.changes.length;
      const shown = shownOf(stored, changesOf, fits);
      if (shown !== null) records.push(shown);
      if (records.length >= count || characters >= charactersPerCall) return { records, next: position };
    }
    if (found.read.length < recordsAtOnce) position = newestFirst ? found.low : found.high;
    if (turn.isOver) await turn.pass();
  }
  return { records, next: position };
}

/** The numbers that one statement goes through behind a position; null if there are none. */
async function rangeBehind(
  runner: StatementRunner,
  { below, above }: Edges,
  position: number,
  newestFirst: boolean,
): Promise<{ readonly low: number; readonly high: number } | null> {
  const [ends] = await runner.rows(raw(`SELECT min("sequence"), max("sequence") FROM "AUDIT_TRAIL"`));
  const [first, last] = [Math.max(Number(ends?.[0] ?? 1) - 1, below), Math.min(Number(ends?.[1] ?? 0), above - 1)];
  if (newestFirst) {
    const high = Math.min(position - 1, last);
    return high > first ? { low: Math.max(first + 1, high - recordsPerRead + 1), high } : null;
  }
  const low = Math.max(position, first) + 1;
  return low <= last ? { low, high: Math.min(last, low + recordsPerRead - 1) } : null;
}

/** The records of a time have their numbers between these. */
interface Edges {
  readonly below: number;
  readonly above: number;
}

/** Times rise with the numbers but where a clock was set back, which 10000 records make good for. */
async function edgesOf(runner: StatementRunner, { from, to }: AuditFilter): Promise<Edges> {
  const nearest = async (end: "min" | "max", condition: Fragment, order: "ASC" | "DESC") => {
    const some = sql`SELECT "sequence" FROM "AUDIT_TRAIL" WHERE ${condition} ORDER BY "time" ${raw(order)} LIMIT 10000`;
    const [row] = await runner.rows(sql`SELECT ${raw(end)}("sequence") FROM (${some}) AS nearest`);
    return row?.[0] ?? null;
  };
  const first = from === undefined ? 1 : await nearest("min", sql`"time" >= ${moment("from", from)}`, "ASC");
  const last = to === undefined ? null : await nearest("max", sql`"time" < ${moment("to", to)}`, "DESC");
  return {
    below: first === null ? Number.MAX_SAFE_INTEGER : Number(first) - 1,
    above: to === undefined ? Number.MAX_SAFE_INTEGER : Number(last ?? 0) + 1,
  };
}

function shownOf(
  stored: ChainedRecord,
  changesOf: ReadChanges,
  fits: ((ident: string) => boolean) | null,
): AuditRecord | null {
  const changes = changesOf(stored);
  const fitting = fits === null ? changes : changes.filter(({ ident }) => fits(ident));
  return fitting.length > 0 ? { ...stored, changes: fitting } : null;
}

/** Whether a text fits a pattern with *. Tries each part once, from left to right. */
function matcher(pattern: string): (text: string) => boolean {
  const [start = "", ...others] = pattern.toLowerCase().split("*");
  const end = others.pop();
  return (given) => {
    const text = given.toLowerCase();
    if (end === undefined) return text === start;
    if (!text.startsWith(start) || text.length < start.length + end.length || !text.endsWith(end)) return false;
    let at = start.length;
    for (const part of others) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= text.length - end.length;
  };
}
