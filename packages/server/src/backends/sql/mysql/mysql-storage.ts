import { defaultHardwareTypes, type Family, type HardwareTypes, type OpsiError, type OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type { HardwareStorage, Ident, ObjectStore, Query, Snapshot, Storage, WriteMode } from "../../storage.ts";
import { HardwareTables } from "../hardware/hardware-tables.ts";
import type { Form } from "../select.ts";
import { Connection } from "./connection.ts";
import { Database } from "./database.ts";
import { mysql } from "./mysql-dialect.ts";
import { MySqlHardware } from "./mysql-hardware.ts";
import type { MySqlSettings } from "./mysql-settings.ts";
import { MySqlStore } from "./mysql-store.ts";
import { createDatabase, type Preparation, prepareDatabase } from "./prepare-database.ts";
import { repeatUntilDone } from "./repeat.ts";
import { MySqlSnapshot } from "./snapshot.ts";

/** Objects in a database of MySQL or MariaDB that the original can use, too. (storage 6) */
export class MySqlStorage implements Storage {
  readonly #database: Database;
  readonly #hardwareTables: HardwareTables;
  readonly hardware: HardwareStorage;
  changes = 0;

  private constructor(database: Database, hardware: HardwareTables) {
    this.#database = database;
    this.#hardwareTables = hardware;
    this.hardware = new MySqlHardware(database, hardware);
  }

  /**
   * Waits half a minute for a database that is just starting. The database and its tables are created when missing.
   *
   * @param hardwareTypes the classes of the hardware inventory, which get their tables
   * @param onLost is told when the database is not there
   * @param preparation `full` as a start of the service does it; `tables`: nothing is cleaned up; `none`: the database is
   *   not changed
   * @throws BackendUnableToConnectError for a refusal
   * @throws BackendConfigurationError for a database that would have to be changed and must not
   */
  static async open(
    settings: MySqlSettings,
    hardwareTypes: HardwareTypes = defaultHardwareTypes,
    onLost: (reason: OpsiError) => void = () => {},
    preparation: Preparation = "full",
  ): Promise<MySqlStorage> {
    const hardware = new HardwareTables(hardwareTypes, mysql);
    if (preparation !== "none") await repeatUntilDone(() => createDatabase(settings), onLost);
    const connect = () => Connection.open(settings, settings.database);
    await using opening = new AsyncDisposableStack();
    const database = opening.use(new Database(connect, settings.connections, onLost));
    await database.read((connection) => prepareDatabase(connection, [...hardware.layouts.values()], preparation));
    opening.move();
    return new MySqlStorage(database, hardware);
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

  #read<T>(work: (store: MySqlStore) => Promise<T>): Promise<T> {
    return this.#database.read((connection) => work(new MySqlStore(connection, this.#hardwareTables, false)));
  }

  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#transaction((store) => store.write(family, objects, mode), true);
  }

  remove(family: Family, idents: readonly Ident[]): Promise<void> {
    return this.#transaction((store) => store.remove(family, idents), true);
  }

  snapshot(): Snapshot {
    return new MySqlSnapshot(this.#database, this.#hardwareTables);
  }

  /** `work` is called again where the database rolled back; what it does outside of the store must bear that. */
  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
    return this.#transaction(work, false);
  }

  async #transaction<T>(work: (store: ObjectStore) => Promise<T>, isRepeatable: boolean): Promise<T> {
    const onConnection = (connection: Connection) => work(new MySqlStore(connection, this.#hardwareTables, true));
    try {
      return await this.#database.transaction(onConnection, { isRepeatable });
    } finally {
      this.changes++; // also after a failure: it may have been committed when the line was lost
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#database[Symbol.asyncDispose]();
  }
}
