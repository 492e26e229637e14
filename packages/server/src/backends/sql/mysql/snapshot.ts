import type { Family, HardwareTypeName, OpsiObject } from "@opsi-ts/model";
import type { Snapshot } from "../../storage.ts";
import type { HardwareTables } from "../hardware/hardware-tables.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";
import { MySqlStore } from "./mysql-store.ts";

/** A transaction that only reads; the server shows it what was there when it began. */
export class MySqlSnapshot implements Snapshot {
  readonly #ended = Promise.withResolvers<void>();
  readonly #database: Database;
  readonly #hardware: HardwareTables;
  #transaction: Promise<void> = Promise.resolve();
  #store: Promise<MySqlStore> | null = null;

  constructor(database: Database, hardware: HardwareTables) {
    this.#database = database;
    this.#hardware = hardware;
  }

  async read(family: Family): Promise<OpsiObject[]> {
    return (await this.#begin()).read(family);
  }

  async readHardware(name: HardwareTypeName): Promise<OpsiObject[]> {
    return (await this.#begin()).hardware.read(name);
  }

  #begin(): Promise<MySqlStore> {
    this.#store ??= new Promise((resolve, reject) => {
      const hold = async (connection: Connection) => {
        resolve(new MySqlStore(connection, this.#hardware, false));
        await this.#ended.promise;
      };
      const begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
      this.#transaction = this.#database
        .read((connection) => connection.transaction(() => hold(connection), begin))
        .catch(reject); // once it has begun, the reads themselves tell what is wrong
    });
    return this.#store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.resolve();
    await this.#transaction;
  }
}
