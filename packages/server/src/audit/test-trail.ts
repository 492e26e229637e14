import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { defaultHardwareTypes, familyOf, fromHash, type OpsiObject, objectTypes } from "@opsi-ts/model";
import { FileStorage } from "../backends/file/file-storage.ts";
import type { DatabaseWatch, WatchedDatabase } from "../backends/sql/change-watch.ts";
import { Connections } from "../backends/sql/sqlite/connections.ts";
import { SqliteStorage } from "../backends/sql/sqlite/sqlite-storage.ts";
import { type TestDatabase, type TestDatabases, testStorages } from "../backends/sql/test-storages.ts";
import type { Storage, WriteMode } from "../backends/storage.ts";
import { AuditTrail, type AuditTrailOptions } from "./audit-trail.ts";
import type { AuditFilter, AuditRecord } from "./read-trail.ts";

export const testKey = Buffer.alloc(32, "key");

export function object(type: string, attributes: Record<string, unknown>): OpsiObject {
  const found = objectTypes.get(type);
  if (!found) throw new Error(type);
  return fromHash(found, attributes);
}

/** Lets a test reach the database of the trail. */
class ReachableTrail extends AuditTrail {
  database: WatchedDatabase | null = null;

  override attach(database: WatchedDatabase, concerns?: (table: string) => boolean): Promise<DatabaseWatch> {
    this.database ??= database;
    return super.attach(database, concerns);
  }
}

/** A trail that has no database of its own unless it is given one. */
export const testTrail = (options: Partial<AuditTrailOptions> = {}) =>
  new ReachableTrail({
    ...{ key: testKey, recording: true, hardware: defaultHardwareTypes },
    openDatabase: () => Promise.reject(new Error("The storage has a database")),
    onProblem: (message) => {
      throw new Error(message);
    },
    ...options,
  });

/** A storage with its trail, as a process has them. */
export interface TestTrail<S extends Storage = Storage> extends AsyncDisposable {
  readonly storage: S;
  readonly trail: AuditTrail;
  /** Where the records are. */
  readonly database: WatchedDatabase;
  write(prefix: string, objects: readonly OpsiObject[], mode?: WriteMode): Promise<void>;
  records(filter?: AuditFilter): Promise<readonly AuditRecord[]>;
  /** What verification complains of. */
  problems(): Promise<string[]>;
}

function testTrailOf<S extends Storage>(storage: S, trail: ReachableTrail, database: WatchedDatabase): TestTrail<S> {
  return {
    storage,
    trail,
    database,
    write: (prefix, objects, mode = "insert") => storage.write(familyOf(prefix), objects, mode),
    records: async (filter = {}) =>
      (await trail.read({ filter, after: null, count: 1000, newestFirst: false })).records,
    problems: async () => {
      const { problems } = await trail.verify(null, Number.POSITIVE_INFINITY);
      return problems.map(({ problem }) => problem);
    },
    [Symbol.asyncDispose]: async () => {
      await trail[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    },
  };
}

/** A storage that can be opened several times, each time with a trail. */
export interface TrailPlace extends AsyncDisposable {
  open(options?: Partial<AuditTrailOptions>): Promise<TestTrail>;
}

export interface TrailPlaces extends AsyncDisposable {
  create(): Promise<TrailPlace>;
}

const inDatabase = (database: TestDatabase): TrailPlace => ({
  async open(options) {
    const trail = testTrail(options);
    const storage = await database.open(defaultHardwareTypes, trail);
    await trail.start();
    if (trail.database === null) throw new Error("The trail was not attached");
    return testTrailOf(storage, trail, trail.database);
  },
  [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
});

async function inDatabases(start: () => Promise<TestDatabases>): Promise<TrailPlaces> {
  const databases = await start();
  return {
    create: async () => inDatabase(await databases.create()),
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  };
}

/** Opens files in a folder with their trail, as another process does. */
export async function openFileTrail(root: string, options: Partial<AuditTrailOptions> = {}) {
  const databases: Connections[] = [];
  const openDatabase = async () => {
    databases.push(new Connections(join(root, "audit.sqlite")));
    return databases[0] as Connections;
  };
  const trail = testTrail({ openDatabase, ...options });
  const storage = await FileStorage.open(join(root, "config"), {
    ...{ configserverId: "server.example.org", hostKeys: join(root, "pckeys"), watch: trail },
  });
  await trail.start();
  return testTrailOf(storage, trail, databases[0] as Connections);
}

async function files(): Promise<TrailPlaces> {
  return {
    async create() {
      const root = await mkdtemp(join(tmpdir(), "audit-files-"));
      return {
        open: (options) => openFileTrail(root, options),
        [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Wherever a site may have its objects, by name. */
export const trailPlaces: readonly (readonly [name: string, start: () => Promise<TrailPlaces>])[] = [
  ...testStorages.map(([name, start]) => [name, () => inDatabases(start)] as const),
  ["files", files],
];

/** An SQLite file with its trail, as another process opens it. */
export async function openTrailAt(path: string): Promise<TestTrail<SqliteStorage>> {
  const trail = testTrail();
  const storage = await SqliteStorage.open(path, defaultHardwareTypes, trail);
  await trail.start();
  return testTrailOf(storage, trail, trail.database as WatchedDatabase);
}

/** A trail in an SQLite file that somebody may tamper with. */
export interface SqliteTrail extends TestTrail<SqliteStorage> {
  readonly path: string;
  /** SQL behind the server's back, without the triggers that keep records. */
  tamper(statement: string, ...parameters: (string | number | Uint8Array | null)[]): void;
}

export async function openTestTrail(): Promise<SqliteTrail> {
  const folder = await mkdtemp(join(tmpdir(), "audit-trail-"));
  const path = join(folder, "opsi.sqlite");
  const opened = await openTrailAt(path);
  return {
    ...opened,
    path,
    tamper: (statement, ...parameters) => {
      using database = new DatabaseSync(path, { timeout: 5000 });
      database.exec(`DROP TRIGGER IF EXISTS "AUDIT_TRAIL_no_update"; DROP TRIGGER IF EXISTS "AUDIT_TRAIL_no_delete"`);
      database.prepare(statement).run(...parameters);
    },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
