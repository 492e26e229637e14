import type { NoteStore, StatementRunner, WatchedDatabase } from "../backends/sql/change-watch.ts";
import { join, raw, sql } from "../backends/sql/fragment.ts";
import { decodePending } from "./pending.ts";
import { aboutTrail, appendRecords, brokenIdent, type Entry, readEnd } from "./trail-table.ts";

/** Texts that one transaction of the chain takes over. */
const textsAtOnce = 20;

/** Milliseconds in which what many commit comes together. */
const pause = 100;

const list = (ids: readonly string[]) =>
  join(
    ids.map((id) => sql`${id}`),
    ", ",
  );

/** What was committed in a database and has no place in the chain yet. */
export class PendingRows implements NoteStore {
  readonly #database: WatchedDatabase;

  constructor(database: WatchedDatabase) {
    this.#database = database;
  }

  /** In a transaction. */
  async keep(runner: StatementRunner, text: string): Promise<void> {
    const content = Buffer.from(text).toString("base64"); // which every database keeps as it is
    await runner.change(sql`INSERT INTO "AUDIT_TRAIL_PENDING" ("content") VALUES (${content})`);
  }

  list(): Promise<readonly { id: string; text: string }[]> {
    return this.#database.read((runner) => this.listIn(runner));
  }

  async listIn(runner: StatementRunner): Promise<readonly { id: string; text: string }[]> {
    const found = await runner.rows(
      raw(`SELECT "number", "content" FROM "AUDIT_TRAIL_PENDING" ORDER BY "number" LIMIT ${textsAtOnce}`),
    );
    return found.map(([number, content]) => ({
      id: `${this.#database.kind} ${number}`,
      text: Buffer.from(String(content), "base64").toString(),
    }));
  }

  remove(ids: readonly string[]): Promise<void> {
    return this.#database.transaction((runner) => this.removeIn(runner, ids));
  }

  async removeIn(runner: StatementRunner, ids: readonly string[]): Promise<void> {
    const numbers = raw(ids.map((id) => Number(id.split(" ")[1])).join(", "));
    await runner.change(sql`DELETE FROM "AUDIT_TRAIL_PENDING" WHERE "number" IN (${numbers})`);
  }
}

interface Source {
  readonly notes: NoteStore;
  /** Where they lie in the database of the chain: they are taken away in the transaction that continues it. */
  readonly rows: PendingRows | null;
}

/**
 * Brings what was committed elsewhere into the chain, each once, whatever is interrupted. Several servers may do it at
 * the same time.
 */
export class TakeOver implements AsyncDisposable {
  readonly #key: Uint8Array;
  readonly #onProblem: (message: string) => void;
  readonly #sources: Source[] = [];
  #home: WatchedDatabase | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  /** @param key seals the ends, and what is taken over */
  constructor(key: Uint8Array, onProblem: (message: string) => void) {
    this.#key = key;
    this.#onProblem = onProblem;
  }

  /** @param isInside whether they lie in the database of the chain */
  add(notes: NoteStore, isInside: boolean): void {
    this.#sources.push({ notes, rows: isInside && notes instanceof PendingRows ? notes : null });
  }

  /** @param home where the chain is */
  open(home: WatchedDatabase): void {
    this.#home = home;
  }

  /** There is something, which need not be taken over at once. */
  start(): void {
    this.#timer ??= setTimeout(() => {
      this.run().catch((error: unknown) => {
        this.#onProblem(`The audit trail is behind: ${error instanceof Error ? error.message : String(error)}`);
      });
    }, pause).unref();
  }

  /** Takes over all that is committed now. */
  run(): Promise<void> {
    this.#next ??= this.#running
      .catch(() => {}) // told already; what is left is tried again
      .then(() => {
        this.#next = null;
        this.#running = this.#takeAll();
        return this.#running;
      });
    return this.#next;
  }

  async #takeAll(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const home = this.#home;
    if (home === null) return;
    for (const { notes, rows } of this.#sources) {
      const take = rows ? () => this.#takeRows(home, rows) : () => this.#takeNotes(home, notes);
      while ((await take()) >= textsAtOnce);
    }
  }

  #takeRows(home: WatchedDatabase, rows: PendingRows): Promise<number> {
    return home.transaction(async (runner) => {
      await this.#lock(home, runner);
      const texts = await rows.listIn(runner);
      if (texts.length === 0) return 0;
      await this.#append(home, runner, texts);
      await rows.removeIn(
        runner,
        texts.map(({ id }) => id),
      );
      return texts.length;
    });
  }

  async #takeNotes(home: WatchedDatabase, notes: NoteStore): Promise<number> {
    const texts = (await notes.list()).slice(0, textsAtOnce);
    if (texts.length === 0) return 0;
    const ids = texts.map(({ id }) => id);
    const taken = sql`"AUDIT_TRAIL_TAKEN" WHERE "id" IN (${list(ids)})`;
    await home.transaction(async (runner) => {
      await this.#lock(home, runner);
      const known = new Set((await runner.rows(sql`SELECT "id" FROM ${taken}`)).map(([id]) => id));
      const others = texts.filter(({ id }) => !known.has(id));
      await this.#append(home, runner, others);
      for (const { id } of others) await runner.change(sql`INSERT INTO "AUDIT_TRAIL_TAKEN" ("id") VALUES (${id})`);
    });
    await notes.remove(ids);
    await home.transaction(async (runner) => void (await runner.change(sql`DELETE FROM ${taken}`)));
    return texts.length;
  }

  /** First of all: what is read afterwards is what the last one has left. */
  async #lock({ lock }: WatchedDatabase, runner: StatementRunner): Promise<void> {
    await readEnd(runner, "last", this.#key, lock);
  }

  #append(database: WatchedDatabase, runner: StatementRunner, texts: readonly { id: string; text: string }[]) {
    const entries = texts.map(({ id, text }): Entry => {
      return decodePending(this.#key, text) ?? aboutTrail({ ident: brokenIdent, before: null, after: { pending: id } });
    });
    return appendRecords({ runner, database, key: this.#key }, entries);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer) await this.run().catch(() => {}); // it is taken over at the next start
    await (this.#next ?? this.#running).catch(() => {});
  }
}
