import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { defaultHardwareTypes, type Family, type HardwareTypes, type OpsiObject } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type { Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../../storage.ts";
import { sqlite } from "../dialect.ts";
import type { Fragment } from "../fragment.ts";
import { HardwareTables } from "../hardware/hardware-tables.ts";
import { selectHardware } from "../hardware/select-hardware.ts";
import { layoutOf } from "../layout.ts";
import { createSchema } from "../schema.ts";
import { type Form, identsOf, type SelectObjects, selectCount, selectIdents, selectObjects } from "../select.ts";
import { StatementCache } from "../statement-cache.ts";
import { removeScript, writeScript } from "../write-script.ts";
import { BulkReader } from "./bulk-reader.ts";
import type { ChangeWatch } from "./change-watch.ts";
import { Database } from "./database.ts";
import { softwareNameTrigger } from "./software-name-trigger.ts";
import { ConnectionHardware, createTables, SqliteHardware } from "./sqlite-hardware.ts";

const statements = new StatementCache((layout, query, form) => selectObjects(layout, query, form, sqlite));

/** Reads and writes on one connection; several statements of one call see each other. */
class ConnectionStore implements ObjectStore {
  readonly #database: Database;
  readonly hardware: ConnectionHardware;

  constructor(database: Database, hardware: HardwareTables) {
    this.#database = database;
    this.hardware = new ConnectionHardware(database, hardware);
  }

  jsonText({ arrayText, parameters }: SelectObjects): string {
    return this.#database.value({ text: arrayText, parameters }) as string;
  }

  async read(family: Family, query: Query = {}): Promise<OpsiObject[]> {
    return JSON.parse(this.jsonText(statements.select(layoutOf(family), query, "hash"))) as OpsiObject[];
  }

  async readIdents(family: Family, query: Query = {}): Promise<Record<string, unknown>[]> {
    const layout = layoutOf(family);
    return identsOf(layout, this.#database.rows(selectIdents(layout, query, sqlite)));
  }

  async count(family: Family, query: Query = {}): Promise<number> {
    return Number(this.#database.rows(selectCount(layoutOf(family), query, sqlite))[0]?.[0]);
  }

  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#database.play(writeScript(family, objects, mode, sqlite));
  }

  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    await this.#database.play(removeScript(family, idents, sqlite));
    if (family.base.table === "HOST") await this.hardware.removeOfHosts(idents.map(({ id }) => String(id)));
  }
}

/** Objects in one SQLite file. */
export class SqliteStorage implements Storage {
  readonly #path: string;
  readonly #writer: Database;
  readonly #reader: Database;
  readonly #bulk: BulkReader;
  readonly #readStore: ConnectionStore;
  readonly #writeStore: ConnectionStore;
  readonly #hardwareTables: HardwareTables;
  readonly hardware: SqliteHardware;
  readonly #watch: ChangeWatch | null;
  changes = 0;
  /** Settles when the transaction that was last begun has ended; the next one waits for it. */
  #lastTransaction: Promise<unknown> = Promise.resolve();

  private constructor(path: string, hardwareTypes: HardwareTypes, watch: ChangeWatch | null) {
    const hardware = new HardwareTables(hardwareTypes, sqlite);
    this.#hardwareTables = hardware;
    this.#path = path;
    this.#writer = new Database(path);
    for (const statement of createSchema(sqlite)) this.#writer.execute(statement);
    this.#writer.execute(softwareNameTrigger);
    createTables(this.#writer, hardware);
    this.#reader = new Database(path, { readOnly: true, sharesReads: true });
    this.#bulk = new BulkReader(path);
    this.#readStore = new ConnectionStore(this.#reader, hardware);
    this.#writeStore = new ConnectionStore(this.#writer, hardware);
    this.hardware = new SqliteHardware(
      { reader: this.#reader, bulk: this.#bulk, transaction: (work) => this.transaction(work) },
      hardware,
    );
    this.#watch = watch;
    watch?.attach({ writer: this.#writer, reader: this.#reader, transaction: (work) => this.transaction(work) });
  }

  /**
   * @param path the database file; it and its folder are created when missing
   * @param hardware the classes of the hardware inventory, which get their tables
   * @param watch sees every change
   */
  static async open(
    path: string,
    hardware: HardwareTypes = defaultHardwareTypes,
    watch: ChangeWatch | null = null,
  ): Promise<SqliteStorage> {
    mkdirSync(dirname(path), { recursive: true });
    return new SqliteStorage(path, hardware, watch);
  }

  async readJson(family: Family, query: Query, form: Form): Promise<JsonText> {
    const select = statements.select(layoutOf(family), query, form);
    if (select.selective) return new JsonText(this.#readStore.jsonText(select));
    return this.#bulk.read(select);
  }

  async read(family: Family, query: Query = {}): Promise<OpsiObject[]> {
    return (await this.readJson(family, query, "hash")).parse() as OpsiObject[];
  }

  readIdents(family: Family, query: Query = {}): Promise<Record<string, unknown>[]> {
    return this.#readStore.readIdents(family, query);
  }

  count(family: Family, query: Query = {}): Promise<number> {
    return this.#readStore.count(family, query);
  }

  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.transaction((store) => store.write(family, objects, mode));
  }

  remove(family: Family, idents: readonly Ident[]): Promise<void> {
    return this.transaction((store) => store.remove(family, idents));
  }

  snapshot(): Snapshot {
    const bulk = new BulkReader(this.#path, true);
    async function* objects(...statements: readonly Fragment[]) {
      for (const statement of statements) {
        for await (const json of bulk.portions(statement)) yield json.parse() as OpsiObject[];
      }
    }
    return {
      read: (family) => objects(statements.select(layoutOf(family), {}, "hash")),
      readHardware: (name) =>
        objects(...selectHardware(this.#hardwareTables.layouts, name, {}, "object", sqlite).statements),
      [Symbol.asyncDispose]: () => bulk[Symbol.asyncDispose](),
    };
  }

  async transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    const previous = this.#lastTransaction;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastTransaction = promise;
    await previous;
    try {
      this.#writer.execute("BEGIN IMMEDIATE");
      try {
        const result = await this.#watched(work);
        this.#writer.execute("COMMIT");
        this.#reader.renew();
        this.changes++;
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    } finally {
      resolve();
    }
  }

  async #watched<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    using watched = this.#watch?.begin();
    if (!watched) return work(this.#writeStore);
    this.#writer.onChanges = () => watched.takeUp();
    try {
      const result = await work(this.#writeStore);
      watched.finish();
      return result;
    } finally {
      this.#writer.onChanges = null;
    }
  }

  /** After some failures, a full disk for one, the database has rolled back already. */
  #rollBack(): void {
    if (this.#writer.inTransaction) this.#writer.execute("ROLLBACK");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lastTransaction;
    await this.#bulk[Symbol.asyncDispose]();
    this.#reader[Symbol.dispose]();
    this.#writer[Symbol.dispose]();
  }
}
