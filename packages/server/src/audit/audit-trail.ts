import { type HardwareTypes, OpsiError } from "@opsi-ts/model";
import type {
  ChangeWatch,
  DatabaseWatch,
  NoteStore,
  NotesWatch,
  StatementRunner,
  WatchedDatabase,
} from "../backends/sql/change-watch.ts";
import { currentActor } from "./actor.ts";
import { ChangeCollector } from "./collect-changes.ts";
import { createTrail } from "./create-trail.ts";
import { encodePending, partsOf } from "./pending.ts";
import { pruneTrail } from "./prune-trail.ts";
import { type AuditPage, type AuditQuery, type ReadChanges, readTrail } from "./read-trail.ts";
import { decodeBody } from "./record-body.ts";
import { RecordedTransaction } from "./recorded-transaction.ts";
import { secretDigest } from "./secrets.ts";
import { type TableMeaning, tableMeanings } from "./table-meaning.ts";
import { PendingRows, TakeOver } from "./take-over.ts";
import { appendRecords } from "./trail-table.ts";
import { type AuditCheck, verifyTrail } from "./verify-trail.ts";

export interface AuditTrailOptions {
  /** Seals the ends of the chain and makes the digests of secrets. */
  readonly key: Uint8Array;
  /** False: nothing new is recorded, what is there can be read. */
  readonly recording: boolean;
  readonly hardware: HardwareTypes;
  /** Opens a database for the trail of a site that has none for its objects. */
  openDatabase(): Promise<WatchedDatabase & AsyncDisposable>;
  /** Is told what went wrong without being lost. */
  onProblem(message: string): void;
}

/** Whether changes of a table are the site's. */
type Concerns = (table: string) => boolean;

const always: Concerns = () => true;

/**
 * Who changed what of the objects of a site, from where, when: records in the order of the changes, each of which
 * carries the hash of the one before it. What a record is made of is kept in the transaction that makes the change. In
 * SQLite, where one transaction follows the other, it gets its place in the chain at once; elsewhere right after.
 */
export class AuditTrail implements ChangeWatch, AsyncDisposable {
  readonly #options: AuditTrailOptions;
  readonly #meanings: ReadonlyMap<string, TableMeaning>;
  readonly #collector: ChangeCollector;
  readonly #own = new AsyncDisposableStack();
  readonly #takeOver: TakeOver;
  /** Where the chain is. */
  #home: WatchedDatabase | null = null;

  constructor(options: AuditTrailOptions) {
    const { key, hardware } = options;
    this.#options = options;
    this.#meanings = tableMeanings(hardware);
    this.#collector = new ChangeCollector(this.#meanings, (ident, attribute, value) =>
      secretDigest(key, ident, attribute, value),
    );
    this.#takeOver = new TakeOver(key, options.onProblem);
  }

  /** The first database that is attached gets the chain. */
  async attach(database: WatchedDatabase, concerns: Concerns = always): Promise<DatabaseWatch> {
    const { key, onProblem } = this.#options;
    await createTrail(database, key, onProblem);
    this.#home ??= database;
    const isDirect = this.#home === database && database.kind === "sqlite";
    const pending = new PendingRows(database);
    if (!isDirect) this.#takeOver.add(pending, this.#home === database);
    const write = async (runner: StatementRunner, transaction: RecordedTransaction) => {
      const entry = transaction.entry();
      if (entry.records.length === 0) return;
      if (isDirect) await appendRecords({ runner, database, key }, [entry]);
      else for (const part of partsOf(entry)) await pending.keep(runner, encodePending(key, part));
    };
    return {
      begin: () => {
        const transaction = this.#begin(concerns);
        return (
          transaction && {
            tell: (changed) => transaction.tell(changed),
            finish: (runner) => write(runner, transaction),
          }
        );
      },
      committed: () => {
        if (!isDirect) this.#takeOver.start();
      },
    };
  }

  attachNotes(notes: NoteStore, concerns: Concerns = always): NotesWatch {
    this.#takeOver.add(notes, false);
    return {
      begin: () => {
        const transaction = this.#begin(concerns);
        return (
          transaction && {
            tell: (changed) => transaction.tell(changed),
            note: () => {
              const entry = transaction.entry();
              return entry.records.length === 0 ? null : encodePending(this.#options.key, entry);
            },
          }
        );
      },
      committed: () => this.#takeOver.start(),
    };
  }

  #begin(concerns: Concerns): RecordedTransaction | null {
    if (!this.#options.recording) return null;
    return new RecordedTransaction(this.#meanings, this.#collector, currentActor(), concerns);
  }

  /** To be called when all storages are attached. */
  async start(): Promise<void> {
    if (this.#home === null) {
      this.#home = this.#own.use(await this.#options.openDatabase());
      await createTrail(this.#home, this.#options.key, this.#options.onProblem);
    }
    this.#takeOver.open(this.#home);
    this.#takeOver.start();
  }

  /** The chain, up to the last change. */
  async #chain(): Promise<WatchedDatabase> {
    if (this.#home === null) throw new OpsiError("BackendUnaccomplishableError", "The audit trail is not open");
    await this.#takeOver.run();
    return this.#home;
  }

  readonly #changesOf: ReadChanges = ({ changes, type }) => {
    const body = decodeBody(changes);
    return "table" in body ? (this.#collector.collect([body], true).get(type) ?? []) : body;
  };

  async read(query: AuditQuery): Promise<AuditPage> {
    return readTrail(await this.#chain(), this.#changesOf, query);
  }

  /** @param after the record that was checked last, null to begin with the oldest one */
  async verify(after: number | null, count: number): Promise<AuditCheck> {
    return verifyTrail(await this.#chain(), this.#options.key, after, count);
  }

  /** Removes records of before a time. @returns how many */
  async prune(before: Date): Promise<number> {
    return pruneTrail(await this.#chain(), this.#options.key, before.toISOString());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#takeOver[Symbol.asyncDispose]();
    await this.#own.disposeAsync();
  }
}
