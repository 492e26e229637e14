import type { HardwareTypeName, OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type { HardwareForm, HardwareQuery, HardwareStorage, WriteMode } from "../../storage.ts";
import type { HardwareTables } from "../hardware/hardware-tables.ts";
import type { Database } from "./database.ts";
import { MySqlHardwareStore } from "./mysql-store.ts";

/** Hardware outside of a transaction. */
export class MySqlHardware implements HardwareStorage {
  readonly #database: Database;
  readonly #tables: HardwareTables;

  constructor(database: Database, tables: HardwareTables) {
    this.#database = database;
    this.#tables = tables;
  }

  #read<T>(work: (store: MySqlHardwareStore) => Promise<T>): Promise<T> {
    return this.#database.read((connection) => work(new MySqlHardwareStore(connection, this.#tables, false)));
  }

  #write(work: (store: MySqlHardwareStore) => Promise<void>, isRepeatable = true): Promise<void> {
    return this.#database.transaction((connection) => work(new MySqlHardwareStore(connection, this.#tables, true)), {
      isRepeatable,
    });
  }

  count(name: HardwareTypeName, query: HardwareQuery): Promise<number> {
    return this.#read((store) => store.count(name, query));
  }

  readJson(name: HardwareTypeName, query: HardwareQuery, form: HardwareForm): Promise<JsonText> {
    return this.#read((store) => store.readJson(name, query, form));
  }

  read(name: HardwareTypeName, query: HardwareQuery = {}): Promise<OpsiObject[]> {
    return this.#read((store) => store.read(name, query));
  }

  write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    // A device is added each time, a piece is found again, unless it is restored.
    const isRepeatable = name === "AuditHardwareOnHost" && mode !== "restore";
    return this.#write((store) => store.write(name, objects, mode), isRepeatable);
  }

  remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    return this.#write((store) => store.remove(name, objects));
  }

  removeOfHosts(hostIds: readonly string[]): Promise<void> {
    return this.#write((store) => store.removeOfHosts(hostIds));
  }

  moveToHost(hostId: string, newHostId: string): Promise<void> {
    return this.#write((store) => store.moveToHost(hostId, newHostId));
  }
}
