import { isOpsiError, OpsiError } from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import { UnknownOutcome } from "../sql/remote/database-error.ts";
import type { ObjectStore, Storage } from "../storage.ts";
import { makeChange } from "./change.ts";
import { commitTogether } from "./commit-together.ts";
import { discardJournal, hasJournal, Journal, readJournal } from "./journal.ts";
import { storeOf } from "./key-copies.ts";

/** What a storage says of objects, and not of itself. */
const refusals = [
  ...(["BackendReferentialIntegrityError", "BackendBadValueError", "BackendMissingDataError"] as const),
  ...(["BackendUnaccomplishableError", "ValueError"] as const),
];

const isRefusal = (error: unknown): error is OpsiError => refusals.some((name) => isOpsiError(error, name));

/** Transactions of several storages, one after the other: made in all of them or in none, whatever fails or crashes. */
export class Transactions implements AsyncDisposable {
  readonly #storages: ReadonlyMap<StorageName, Storage>;
  readonly #path: string;
  readonly #onProblem: (message: string) => void;
  /** Settles when the last one that was alone has finished; the next one waits for it. */
  #lastAlone: Promise<unknown> = Promise.resolve();
  /** Whether a change may have been decided and not be made everywhere yet. */
  #isUnfinished = true;

  /**
   * @param storages in the order in which they commit
   * @param path of the journal
   * @param onProblem is told what was given up
   */
  constructor(storages: ReadonlyMap<StorageName, Storage>, path: string, onProblem: (message: string) => void) {
    this.#storages = storages;
    this.#path = path;
    this.#onProblem = onProblem;
  }

  /** Runs `work` while nothing is half done. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const previous = this.#lastAlone;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastAlone = promise;
    await previous;
    try {
      await this.#finish();
      return await work();
    } finally {
      resolve();
    }
  }

  /** Waits for what has to be made before anything else. */
  async settled(): Promise<void> {
    if (this.#isUnfinished) await this.alone(async () => {});
  }

  /**
   * One transaction, for who is alone.
   *
   * @param work adds to the journal what it changes; may be called again
   * @throws BackendTemporaryError where one storage has committed and another one is not there: the change counts, and
   *   is made everywhere before the next one
   */
  async run<T>(work: (stores: ReadonlyMap<StorageName, ObjectStore>, journal: Journal) => Promise<T>): Promise<T> {
    let journal = new Journal(this.#path);
    try {
      const { result, committed, failure } = await commitTogether(this.#storages, async (stores) => {
        await journal.discard();
        journal = new Journal(this.#path);
        const value = await work(stores, journal);
        await journal.decide();
        return value;
      });
      const left = [...journal.touched].filter((name) => !committed.has(name));
      const isUndone = left.length === journal.touched.size && !(failure instanceof UnknownOutcome && left.length > 1);
      if (left.length > 0 && isUndone) throw failure;
      if (left.length > 0) await this.#catchUp(left);
      return result;
    } finally {
      if (!this.#isUnfinished) await journal.discard();
    }
  }

  /** The others have committed: there is no way back. */
  async #catchUp(names: readonly StorageName[]): Promise<void> {
    this.#isUnfinished = true;
    try {
      for (const name of names) await this.#redo(name);
      this.#isUnfinished = false;
    } catch (cause) {
      const list = names.map((name) => `'${name}'`).join(", ");
      const message = `The change is stored, but not in ${list} yet: it follows before the next one`;
      throw new OpsiError("BackendTemporaryError", message, { cause });
    }
  }

  /** @returns whether there was something to do */
  async #redo(name: StorageName): Promise<boolean> {
    return storeOf(this.#storages, name).transaction(async (store) => {
      let isConcerned = false;
      for await (const { storage, change } of readJournal(this.#path)) {
        if (storage !== name) continue;
        isConcerned = true;
        await makeChange(store, change);
      }
      return isConcerned;
    });
  }

  /**
   * Makes what a journal tells of in every storage. The first one may refuse it as it did then: so none has it. What
   * another one refuses, somebody has made impossible since.
   */
  async #finish(): Promise<void> {
    if (!this.#isUnfinished) return;
    if (hasJournal(this.#path)) {
      let isFirst = true;
      for (const name of this.#storages.keys()) {
        try {
          if (await this.#redo(name)) isFirst = false;
        } catch (error) {
          if (!isRefusal(error)) throw error;
          this.#onProblem(`'${name}' does not take a change that was interrupted: ${error.message}`);
          if (isFirst) break;
        }
      }
      await discardJournal(this.#path);
    }
    this.#isUnfinished = false;
  }

  /** Waits for the one that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastAlone;
  }
}
