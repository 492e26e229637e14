import type { Family, OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type { HardwareStorage, Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../../storage.ts";
import type { ChangeWatch } from "../change-watch.ts";
import { watchedTables } from "../changed-rows.ts";
import type { Form } from "../select.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";
import { RemoteHardware } from "./remote-hardware.ts";
import { RemoteStore } from "./remote-store.ts";
import type { RemoteTables } from "./remote-tables.ts";
import { RemoteSnapshot } from "./snapshot.ts";
import { WatchedRemote } from "./watched-remote.ts";

/** Objects in a database that several servers may share. */
export abstract class RemoteStorage implements Storage {
  readonly #database: Database;
  readonly #tables: RemoteTables;
  readonly hardware: HardwareStorage;
  changes = 0;

  protected constructor(database: Database, tables: RemoteTables) {
    this.#database = database;
    this.#tables = tables;
    this.hardware = new RemoteHardware(database, tables);
  }

  /** @param kind what the database understands */
  protected static async watch(
    kind: "mysql" | "postgresql",
    database: Database,
    { dialect, hardware }: RemoteTables,
    watch: Pick<ChangeWatch, "attach"> | null,
  ): Promise<void> {
    if (watch === null) return;
    const own = await watch.attach(new WatchedRemote(kind, dialect, database));
    database.watch(own, watchedTables(hardware.layouts.values()));
  }

  readJson(family: Family, query: Query, form: Form): Promise<JsonText> {
    return this.#read((store) => store.readJson(family, query, form));
  }

  read(family: Family, query: Query = {}): Promise<OpsiObject[]> {
    return this.#read((store) => store.read(family, query));
  }

  readIdents(family: Family, query: Query = {}): Promise<Record<string, unknown>[]> {
    return this.#read((store) => store.readIdents(family, query));
  }

  count(family: Family, query: Query = {}): Promise<number> {
    return this.#read((store) => store.count(family, query));
  }

  #read<T>(work: (store: RemoteStore) => Promise<T>): Promise<T> {
    return this.#database.read((connection) => work(new RemoteStore(connection, this.#tables, false)));
  }

  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#change((store) => store.write(family, objects, mode));
  }

  remove(family: Family, idents: readonly Ident[]): Promise<void> {
    return this.#change((store) => store.remove(family, idents));
  }

  #change(work: (store: ObjectStore) => Promise<void>): Promise<void> {
    return this.#transaction(work, { begin: this.#tables.dialect.begin.change, isRepeatable: true });
  }

  snapshot(): Snapshot {
    return new RemoteSnapshot(this.#database, this.#tables);
  }

  /** `work` is called again where the database rolled back; what it does outside of the store must bear that. */
  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    const { decide, decideAgain } = this.#tables.dialect.begin;
    return this.#transaction(work, { begin: decide, again: decideAgain, isRepeatable: false });
  }

  async #transaction<T>(
    work: (store: ObjectStore) => Promise<T>,
    options: { begin: string; again?: string; isRepeatable: boolean },
  ): Promise<T> {
    const onConnection = (connection: Connection) => work(new RemoteStore(connection, this.#tables, true));
    try {
      return await this.#database.transaction(onConnection, options);
    } finally {
      this.changes++; // also after a failure: it may have been committed when the line was lost
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#database[Symbol.asyncDispose]();
  }
}
