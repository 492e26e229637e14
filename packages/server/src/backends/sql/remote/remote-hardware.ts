import type { HardwareTypeName, OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type { HardwareForm, HardwareQuery, HardwareStorage, WriteMode } from "../../storage.ts";
import type { Database } from "./database.ts";
import { RemoteHardwareStore } from "./remote-store.ts";
import type { RemoteTables } from "./remote-tables.ts";

/** Hardware outside of a transaction. */
export class RemoteHardware implements HardwareStorage {
  readonly #database: Database;
  readonly #tables: RemoteTables;

  constructor(database: Database, tables: RemoteTables) {
    this.#database = database;
    this.#tables = tables;
  }

  #read<T>(work: (store: RemoteHardwareStore) => Promise<T>): Promise<T> {
    return this.#database.read((connection) => work(new RemoteHardwareStore(connection, this.#tables, false)));
  }

  #write(work: (store: RemoteHardwareStore) => Promise<void>, isRepeatable = true): Promise<void> {
    const begin = this.#tables.dialect.begin.change;
    return this.#database.transaction((connection) => work(new RemoteHardwareStore(connection, this.#tables, true)), {
      begin,
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
