import type { Connection } from "./connection.ts";
import { type DatabaseError, UnknownOutcome } from "./database-error.ts";
import { Pool } from "./pool.ts";
import { repeatUntilDone } from "./repeat.ts";

/**
 * A database as one that is always there: what failed because its connection broke or because of another transaction
 * is done again, for half a minute.
 */
export class Database implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #onLost: (reason: DatabaseError) => void;

  /**
   * @param limit connections at the same time
   * @param onLost is told when the database is not there
   */
  constructor(connect: () => Promise<Connection>, limit: number, onLost: (reason: DatabaseError) => void) {
    this.#pool = new Pool(connect, limit);
    this.#onLost = onLost;
  }

  /** What changes nothing. */
  read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return repeatUntilDone(() => this.#pool.use(work), this.#onLost);
  }

  /**
   * Runs `work` in one transaction, and again when that had no effect.
   *
   * @param options.begin the statement that begins it
   * @param options.isRepeatable whether doing it twice is the same as doing it once; then it is also done again when
   *   nobody knows whether it had an effect
   */
  transaction<T>(
    work: (connection: Connection) => Promise<T>,
    { begin, isRepeatable }: { begin: string; isRepeatable: boolean },
  ): Promise<T> {
    return repeatUntilDone(async () => {
      try {
        return await this.#pool.use((connection) => connection.transaction(begin, () => work(connection)));
      } catch (error) {
        throw isRepeatable && error instanceof UnknownOutcome ? error.cause : error;
      }
    }, this.#onLost);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pool[Symbol.asyncDispose]();
  }
}
