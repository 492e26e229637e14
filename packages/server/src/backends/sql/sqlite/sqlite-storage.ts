import { defaultHardwareTypes, type Family, type HardwareTypes, type OpsiObject } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type { Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../../storage.ts";
import { type ChangeWatch, type DatabaseWatch, type Sight, watched } from "../change-watch.ts";
import { watchedTables } from "../changed-rows.ts";
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
import { Connections } from "./connections.ts";
import type { Database } from "./database.ts";
import { readRows } from "./read-rows.ts";
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
  readonly #connections: Connections;
  readonly #bulk: BulkReader;
  readonly #readStore: ConnectionStore;
  readonly #writeStore: ConnectionStore;
  readonly #hardwareTables: HardwareTables;
  readonly hardware: SqliteHardware;
  #watch: DatabaseWatch | null = null;
  readonly #sight: Sight;
  changes = 0;

  private constructor(path: string, hardwareTypes: HardwareTypes) {
    const hardware = new HardwareTables(hardwareTypes, sqlite);
    this.#hardwareTables = hardware;
    this.#path = path;
    this.#connections = new Connections(path, (writer) => {
      for (const statement of createSchema(sqlite)) writer.execute(statement);
      writer.execute(softwareNameTrigger);
      createTables(writer, hardware);
    });
    const { reader, writer } = this.#connections;
    this.#bulk = new BulkReader(path);
    this.#readStore = new ConnectionStore(reader, hardware);
    this.#writeStore = new ConnectionStore(writer, hardware);
    this.hardware = new SqliteHardware(
      { reader, bulk: this.#bulk, transaction: (work) => this.transaction(work) },
      hardware,
    );
    this.#sight = {
      tables: watchedTables(hardware.layouts.values()),
      lock: "",
      committed: readRows(reader),
      own: () => readRows(writer),
    };
  }

  /**
   * @param path the database file; it and its folder are created when missing
   * @param hardware the classes of the hardware inventory, which get their tables
   * @param watch sees every change
   */
  static async open(
    path: string,
    hardware: HardwareTypes = defaultHardwareTypes,
    watch: Pick<ChangeWatch, "attach"> | null = null,
  ): Promise<SqliteStorage> {
    await using opening = new AsyncDisposableStack();
    const storage = opening.use(new SqliteStorage(path, hardware));
    storage.#watch = (await watch?.attach(storage.#connections)) ?? null;
    opening.move();
    return storage;
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

  /** @param beforeCommit what else has to succeed; the watch has seen all changes by then */
  async transaction<T>(
    work: (store: ObjectStore) => Promise<T>,
    beforeCommit: (store: ObjectStore) => Promise<void> = async () => {},
  ): Promise<T> {
    const store = this.#writeStore;
    const { result, told } = await this.#connections.transaction(async (writer) => {
      const outcome = await watched(this.#watch, writer, this.#sight, () => work(store));
      await beforeCommit(store);
      return outcome;
    });
    this.changes++;
    if (told) this.#watch?.committed();
    return result;
  }

  /** The connection of the transactions. */
  get writer(): Database {
    return this.#connections.writer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bulk[Symbol.asyncDispose]();
    await this.#connections[Symbol.asyncDispose]();
  }
}
