import { OpsiError } from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import { UnknownOutcome } from "../sql/remote/database-error.ts";
import type { ObjectStore, Storage } from "../storage.ts";

/** One of the databases wants its part to be repeated: the others would do what they have done once more. */
class BeginAgain extends Error {}

/** Databases that are in each other's way as often are so for good. */
const attempts = 20;

export interface Outcome<T> {
  readonly result: T;
  /** All of them, unless there is a failure. */
  readonly committed: ReadonlySet<StorageName>;
  readonly failure: unknown;
}

/**
 * Runs `work` in one transaction of each storage. Where it fails before the first one commits, none does. One of which
 * nobody knows whether it has committed does not count as such.
 *
 * @param storages in the order in which they commit
 */
export async function commitTogether<T>(
  storages: ReadonlyMap<StorageName, Storage>,
  work: (stores: ReadonlyMap<StorageName, ObjectStore>) => Promise<T>,
): Promise<Outcome<T>> {
  const nesting = [...storages].reverse();
  const committed = new Set<StorageName>();
  let done: { readonly result: T } | null = null;
  const begin = async (level: number, stores: ReadonlyMap<StorageName, ObjectStore>): Promise<void> => {
    const next = nesting[level];
    if (!next) {
      done = { result: await work(stores) };
      return;
    }
    const [name, storage] = next;
    let isRepeated = false;
    await storage.transaction(async (store) => {
      if (committed.size > 0 || (isRepeated && level > 0)) throw new BeginAgain();
      isRepeated = true;
      await begin(level + 1, new Map([...stores, [name, store]]));
    });
    committed.add(name);
  };
  for (let attempt = 0; attempt < attempts; attempt++) {
    let failure: unknown = null;
    try {
      await begin(0, new Map());
    } catch (error) {
      failure = error;
    }
    const { result } = (done ?? {}) as { result?: T };
    const isDone = failure === null || committed.size > 0 || failure instanceof UnknownOutcome;
    if (isDone) return { result: result as T, committed, failure };
    if (!(failure instanceof BeginAgain)) throw failure;
  }
  throw new OpsiError("BackendTemporaryError", "Other transactions are in the way all the time, try again");
}
