import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { defaultHardwareTypes, familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import type { Database } from "../backends/sql/sqlite/database.ts";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import type { WriteMode } from "../backends/storage.ts";
import { AuditTrail, type AuditTrailOptions } from "./audit-trail.ts";
import type { AuditFilter, AuditRecord } from "./read-trail.ts";

export const testKey = Buffer.alloc(32, "key");

export function object(type: string, attributes: Record<string, unknown>): OpsiObject {
  const found = objectTypes.get(type);
  if (!found) throw new Error(type);
  return fromHash(found, attributes);
}

/** A storage in a folder of its own with an audit trail, for tests. */
export interface TestTrail extends AsyncDisposable {
  readonly path: string;
  readonly writer: Database;
  readonly storage: SqliteStorage;
  readonly trail: AuditTrail;
  write(prefix: string, objects: readonly OpsiObject[], mode?: WriteMode): Promise<void>;
  records(filter?: AuditFilter): Promise<readonly AuditRecord[]>;
  /** What verification complains of. */
  problems(): Promise<string[]>;
  /** SQL behind the server's back, without the triggers that keep records. */
  tamper(statement: string, ...parameters: (string | number | Uint8Array | null)[]): void;
}

/** A trail that takes no database of its own. */
export const testTrail = (options: Partial<AuditTrailOptions> = {}) =>
  new AuditTrail({
    ...{ key: testKey, recording: true, hardware: defaultHardwareTypes },
    openDatabase: () => Promise.reject(new Error("The storage has a database")),
    onProblem: (message) => {
      throw new Error(message);
    },
    ...options,
  });

/** The storage in a file with its trail, as another process opens it. */
export async function openTrailAt(path: string) {
  const trail = testTrail();
  const storage = await SqliteStorage.open(path, defaultHardwareTypes, trail);
  await trail.start();
  return { trail, storage };
}

export async function openTestTrail(): Promise<TestTrail> {
  const folder = await mkdtemp(join(tmpdir(), "audit-trail-"));
  const path = join(folder, "opsi.sqlite");
  const { storage, trail } = await openTrailAt(path);
  return {
    path,
    writer: storage.writer,
    storage,
    trail,
    write: (prefix, objects, mode = "insert") => storage.write(familyOf(prefix), objects, mode),
    records: async (filter = {}) =>
      (await trail.read({ filter, after: null, count: 1000, newestFirst: false })).records,
    problems: async () => {
      const { problems } = await trail.verify(null, Number.POSITIVE_INFINITY);
      return problems.map(({ problem }) => problem);
    },
    tamper: (statement, ...parameters) => {
      using database = new DatabaseSync(path, { timeout: 5000 });
      database.exec(`DROP TRIGGER IF EXISTS "AUDIT_TRAIL_no_update"; DROP TRIGGER IF EXISTS "AUDIT_TRAIL_no_delete"`);
      database.prepare(statement).run(...parameters);
    },
    [Symbol.asyncDispose]: async () => {
      await trail[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
