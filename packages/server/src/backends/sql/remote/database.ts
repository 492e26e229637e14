import { type DatabaseWatch, type Sight, watched } from "../change-watch.ts";
import type { WatchedTables } from "../changed-rows.ts";
import type { Connection } from "./connection.ts";
import { type DatabaseError, UnknownOutcome } from "./database-error.ts";
import { Pool } from "./pool.ts";
import { readRows } from "./read-rows.ts";
import { repeatUntilDone } from "./repeat.ts";

/** Connections that look at what is committed: each is needed for moments only. */
const lookers = 2;

/**
 * A database as one that is always there: what failed because its connection broke or because of another transaction
 * is done again, for half a minute.
 */
export class Database implements AsyncDisposable {
  readonly #pool: Pool;
  /** For looking at what is committed while a transaction of the other pool waits for it. */
  readonly #lookers: Pool;
  readonly #onLost: (reason: DatabaseError) => void;

  /**
   * @param limit connections at the same time
   * @param onLost is told when the database is not there
   */
  constructor(connect: () => Promise<Connection>, limit: number, onLost: (reason: DatabaseError) => void) {
    this.#pool = new Pool(connect, limit);
    this.#lookers = new Pool(connect, lookers);
    this.#onLost = onLost;
  }

  #watch: DatabaseWatch | null = null;
  #sight: Sight = { tables: [], lock: "", committed: async () => "[]", own: () => async () => "[]" };

  /** Every change is seen from now on. */
  watch(watch: DatabaseWatch, tables: WatchedTables): void {
    this.#watch = watch;
    this.#sight = {
      tables,
      lock: " FOR UPDATE",
      committed: (...wanted) => this.#lookers.use((connection) => readRows(connection)(...wanted)),
      own: readRows,
    };
  }

  /** What changes nothing. */
  read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return repeatUntilDone(() => this.#pool.use(work), this.#onLost);
  }

  /**
   * Runs `work` in one transaction, and again when that had no effect.
   *
   * @param options.begin the statement that begins it
   * @param options.again that which begins it after a failure
   * @param options.isRepeatable whether doing it twice is the same as doing it once; then it is also done again when
   *   nobody knows whether it had an effect
   */
  transaction<T>(
    work: (connection: Connection) => Promise<T>,
    { begin, again = begin, isRepeatable }: { begin: string; again?: string; isRepeatable: boolean },
  ): Promise<T> {
    return repeatUntilDone(async (count) => {
      try {
        const { result, told } = await this.#pool.use((connection) =>
          connection.transaction(count === 0 ? begin : again, () =>
            watched(this.#watch, connection, this.#sight, work),
          ),
        );
        if (told) this.#watch?.committed();
        return result;
      } catch (error) {
        throw isRepeatable && error instanceof UnknownOutcome ? error.cause : error;
      }
    }, this.#onLost);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
    await this.#lookers[Symbol.asyncDispose]();
  }
}
