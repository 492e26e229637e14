import type { WatchedDatabase } from "../backends/sql/change-watch.ts";
import { sql } from "../backends/sql/fragment.ts";
import { Turn } from "../backends/turn.ts";
import { hashOf } from "./record.ts";
import { brokenIdent, type ChainedRecord, readEnd, readRecords, trailType } from "./trail-table.ts";

/** What is wrong with the chain at a record. */
export interface AuditProblem {
  readonly sequence: number;
  readonly problem: string;
}

export interface AuditCheck {
  /** The oldest record that should be there, and the newest one with its hash. */
  readonly first: number;
  readonly last: number;
  readonly lastHash: string;
  /** Records that were looked at. */
  readonly checked: number;
  /** Where to go on; null: everything behind the beginning was checked. */
  readonly next: number | null;
  /** The first ones. */
  readonly problems: readonly AuditProblem[];
}

const recordsPerRead = 50;
const mostProblems = 100;

/**
 * Follows the chain of records, each of which names the hash of the one before it, between its sealed ends.
 *
 * @param after the last record that was checked already; null begins at the oldest
 * @param count records to check; what is read in one go may be some more
 * @param key of the seals
 */
export async function verifyTrail(
  database: WatchedDatabase,
  key: Uint8Array,
  after: number | null,
  count: number,
): Promise<AuditCheck> {
  const turn = new Turn();
  const walk = new Walk();
  for (;;) {
    const { last, records, beginning } = await database.read(async (runner) => {
      const [first, last] = [await readEnd(runner, "first", key), await readEnd(runner, "last", key)];
      const beginning = first?.end ?? { sequence: 0, hash: null };
      if (walk.position === null || walk.position < beginning.sequence) {
        const resumed = after !== null && after > beginning.sequence && walk.position === null;
        const [previous] = resumed ? await readRecords(runner, sql`"sequence" = ${after}`, "ASC", 1) : [];
        walk.start(resumed ? after : beginning.sequence, resumed ? (previous?.hash ?? null) : beginning.hash);
        if (!first?.sealed) walk.note(beginning.sequence, "the beginning of the trail is not as this server wrote it");
      }
      const behind = sql`"sequence" > ${walk.position ?? 0}`;
      return { last, beginning, records: await readRecords(runner, behind, "ASC", recordsPerRead) };
    });
    for (const record of records) walk.step(record);
    const atEnd = records.length < recordsPerRead;
    if (atEnd) walk.finish(last?.sealed ? last.end : null);
    if (atEnd || walk.checked >= count) {
      return {
        ...{ first: beginning.sequence + 1, last: last?.end.sequence ?? 0, lastHash: last?.end.hash ?? "" },
        ...{ checked: walk.checked, next: atEnd ? null : walk.position, problems: walk.problems },
      };
    }
    if (turn.isOver) await turn.pass();
  }
}

/** How far the check has come. */
class Walk {
  /** The last record that was looked at. */
  position: number | null = null;
  checked = 0;
  readonly problems: AuditProblem[] = [];
  /** Hash of the record at the position; null where it is not there. */
  #previous: string | null = null;

  start(position: number, hash: string | null): void {
    this.position = position;
    this.#previous = hash;
  }

  note(sequence: number, problem: string): void {
    if (this.problems.length < mostProblems) this.problems.push({ sequence, problem });
  }

  step(record: ChainedRecord): void {
    const { sequence } = record;
    const expected = (this.position ?? 0) + 1;
    if (sequence !== expected) this.note(expected, `records ${expected} to ${sequence - 1} are missing`);
    else if (this.#previous !== null && hashOf(this.#previous, record) !== record.hash) {
      this.note(sequence, `record ${sequence} is not what was recorded`);
    }
    if (record.type === trailType && String(record.changes).includes(`"ident":"${brokenIdent}"`)) {
      this.note(sequence, `the trail was damaged when record ${sequence} was written`);
    }
    this.checked++;
    this.start(sequence, record.hash);
  }

  finish(end: { readonly sequence: number; readonly hash: string } | null): void {
    const position = this.position ?? 0;
    if (end === null) this.note(position, "the end of the trail is not as this server wrote it");
    else if (end.sequence > position) this.note(position + 1, `records ${position + 1} to ${end.sequence} are missing`);
    else if (end.sequence < position || (this.#previous ?? end.hash) !== end.hash) {
      this.note(position, `record ${position} is not the last one that was recorded`);
    }
  }
}
