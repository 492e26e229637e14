import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { defaultHardwareTypes, type Family, type HardwareTypes, type OpsiObject } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type { Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../../storage.ts";
import { Turn } from "../../turn.ts";
import { cascades, dependents } from "../cascades.ts";
import { sqlite } from "../dialect.ts";
import { type Fragment, raw, sql } from "../fragment.ts";
import { addressInUse, hardwareAddressUser } from "../hardware-address.ts";
import { layoutOf } from "../layout.ts";
import { createSchema } from "../schema.ts";
import { type Form, selectCount, selectIdents } from "../select.ts";
import { StatementCache } from "../statement-cache.ts";
import { releaseSystemUuid } from "../system-uuid.ts";
import { deleteObject, writeObject } from "../write.ts";
import { BulkReader } from "./bulk-reader.ts";
import { Database } from "./database.ts";
import { softwareNameTrigger } from "./software-name-trigger.ts";
import { ConnectionHardware, HardwareTables, SqliteHardware } from "./sqlite-hardware.ts";

const statements = new StatementCache(sqlite);

/** Reads and writes on one connection; several statements of one call see each other. */
class ConnectionStore implements ObjectStore {
  readonly #database: Database;
  readonly hardware: ConnectionHardware;

  constructor(database: Database, hardware: HardwareTables) {
    this.#database = database;
    this.hardware = new ConnectionHardware(database, hardware);
  }

  jsonText(array: Fragment): string {
    return this.#database.value(array) as string;
  }

  async read(family: Family, query: Query = {}): Promise<OpsiObject[]> {
    const { array } = statements.select(layoutOf(family), query, "hash");
    return JSON.parse(this.jsonText(array)) as OpsiObject[];
  }

  async readIdents(family: Family, query: Query = {}): Promise<Record<string, unknown>[]> {
    const layout = layoutOf(family);
    const names = layout.identColumns.map(({ attribute }) => attribute);
    const rows = this.#database.rows(selectIdents(layout, query, sqlite));
    return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  }

  async count(family: Family, query: Query = {}): Promise<number> {
    return Number(this.#database.rows(selectCount(layoutOf(family), query, sqlite))[0]?.[0]);
  }

  async write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    const layout = layoutOf(family);
    const isHost = layout.table.name === "HOST";
    if (isHost && mode !== "restore") for (const host of objects) this.#checkHardwareAddress(host);
    const turn = new Turn();
    for (const object of objects) {
      if (isHost && mode !== "update" && object["systemUUID"]) this.#database.run(releaseSystemUuid(object));
      const { main, values } = writeObject(layout, object, mode, sqlite);
      if (this.#database.run(main) > 0) for (const value of values) this.#database.run(value);
      if (turn.isOver) await turn.pass();
    }
  }

  /** @throws ValueError if another host has the address */
  #checkHardwareAddress(host: OpsiObject): void {
    const statement = hardwareAddressUser(host);
    const user = statement && this.#database.rows(statement)[0];
    if (user) throw addressInUse(host, user[0]);
  }

  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    const layout = layoutOf(family);
    const { table } = layout;
    const turn = new Turn();
    for (const ident of idents) {
      if (turn.isOver) await turn.pass();
      this.#database.run(deleteObject(layout, ident, sqlite));
      for (const { table: dependent, column, condition = "1" } of dependents[table.name] ?? []) {
        const key = String(ident[layout.identColumns[0]?.attribute ?? ""]);
        this.#database.run(
          sql`DELETE FROM ${raw(sqlite.quote(dependent))} WHERE ${raw(sqlite.quote(column))} = ${key} AND ${raw(condition)}`,
        );
      }
    }
    if (table.name === "HOST") await this.hardware.removeOfHosts(idents.map(({ id }) => String(id)));
    for (const statement of cascades[table.name] ?? []) this.#database.execute(statement);
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
  /** Settles when the transaction that was last begun has ended; the next one waits for it. */
  #lastTransaction: Promise<unknown> = Promise.resolve();

  private constructor(path: string, hardwareTypes: HardwareTypes) {
    const hardware = new HardwareTables(hardwareTypes);
    this.#hardwareTables = hardware;
    this.#path = path;
    this.#writer = new Database(path);
    for (const statement of createSchema(sqlite)) this.#writer.execute(statement);
    this.#writer.execute(softwareNameTrigger);
    hardware.create(this.#writer);
    this.#reader = new Database(path, { readOnly: true, sharesReads: true });
    this.#bulk = new BulkReader(path);
    this.#readStore = new ConnectionStore(this.#reader, hardware);
    this.#writeStore = new ConnectionStore(this.#writer, hardware);
    this.hardware = new SqliteHardware(
      { reader: this.#reader, bulk: this.#bulk, transaction: (work) => this.transaction(work) },
      hardware,
    );
  }

  /**
   * @param path the database file; it and its folder are created when missing
   * @param hardware the classes of the hardware inventory, which get their tables
   */
  static async open(path: string, hardware: HardwareTypes = defaultHardwareTypes): Promise<SqliteStorage> {
    mkdirSync(dirname(path), { recursive: true });
    return new SqliteStorage(path, hardware);
  }

  async readJson(family: Family, query: Query, form: Form): Promise<JsonText> {
    const { statement, array, selective } = statements.select(layoutOf(family), query, form);
    if (selective) return new JsonText(this.#readStore.jsonText(array));
    return new JsonText(await this.#bulk.read(statement));
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
    const objects = async (...statements: readonly Fragment[]) =>
      new JsonText(await bulk.read(...statements)).parse() as OpsiObject[];
    return {
      read: (family) => objects(statements.select(layoutOf(family), {}, "hash").statement),
      readHardware: (name) => objects(...this.#hardwareTables.select(name, {}, "object").statements),
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
        const result = await work(this.#writeStore);
        this.#writer.execute("COMMIT");
        this.#reader.renew();
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    } finally {
      resolve();
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
