import { OpsiError } from "@opsi-ts/model";
import type { ObjectStore, Storage } from "../backends/storage.ts";
import type { Job } from "./job.ts";
import { orphanJobs } from "./orphans.ts";
import { emptyConfigStates, emptyParentGroups, missingVersions } from "./repairs.ts";

/** Order matters: what a job removes cannot be repaired by a later one. */
export const cleanUpJobs: readonly Job[] = [emptyParentGroups, ...orphanJobs, emptyConfigStates, missingVersions];

/** What a job found. */
export interface CleanUpResult {
  readonly id: string;
  readonly description: string;
  readonly removed: number;
  readonly repaired: number;
  /** Idents of the first objects. */
  readonly examples: readonly string[];
}

const namedExamples = 20;

/**
 * Removes what belongs to nothing and repairs what can be repaired, each job in a transaction of its own. The original
 * also deletes users who never logged in and assignments to depots that are gone; these stay: somebody made them, and
 * the health check tells of the latter. (storage 7.1)
 *
 * @param dryRun only says what would be done
 * @returns the jobs that found something
 * @throws BackendIOError where files are not understood: nobody knows what belongs to objects in them
 */
export async function cleanUp(storage: Storage, { dryRun }: { readonly dryRun: boolean }): Promise<CleanUpResult[]> {
  const [file] = storage.doubtful ?? [];
  if (file !== undefined) {
    const message = `Nothing is cleaned up while ${file} is not understood as a whole: what belongs to its objects might go`;
    throw new OpsiError("BackendIOError", message, { field: file });
  }
  const results: CleanUpResult[] = [];
  for (const { id, description, find } of cleanUpJobs) {
    // As a rule there is nothing to do, and MySQL locks what a transaction reads.
    const expected = await find(storage);
    if (expected.remove.length + expected.replace.length === 0) continue;
    const make = async (store: ObjectStore) => {
      const change = await find(store);
      if (change.remove.length > 0) await store.remove(change.family, change.remove);
      if (change.replace.length > 0) await store.write(change.family, change.replace, "insert");
      return change;
    };
    const { remove, replace } = dryRun ? expected : await storage.transaction(make);
    if (remove.length + replace.length === 0) continue; // somebody was faster
    const examples = [...remove, ...replace].slice(0, namedExamples).map(nameOf);
    results.push({ id, description, removed: remove.length, repaired: replace.length, examples });
  }
  return results;
}

/** What people know an object by, whether it is a whole one or its ident. */
const naming = [
  "groupType",
  "groupId",
  "configId",
  "id",
  "productId",
  "propertyId",
  "licensePoolId",
  "name",
  "objectId",
  "clientId",
  "depotId",
];

const nameOf = (found: Readonly<Record<string, unknown>>): string =>
  naming.flatMap((name) => (found[name] === undefined ? [] : [String(found[name])])).join(";");
