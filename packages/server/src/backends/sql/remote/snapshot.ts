import type { Family, HardwareTypeName, OpsiObject } from "@opsi-ts/model";
import type { Snapshot } from "../../storage.ts";
import { layoutOf } from "../layout.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./database.ts";
import type { RemoteTables } from "./remote-tables.ts";
import { selectHardwareRows } from "./select-hardware-rows.ts";
import type { SelectRows } from "./select-rows.ts";

/** Rows that are in memory, and as many are on their way. */
const rowsPerPortion = 5000;

/** The rows as they arrive; the database waits while nobody takes them. */
async function* portions(connection: Connection, { toJson, ...statement }: SelectRows): AsyncIterable<OpsiObject[]> {
  let portion: OpsiObject[] = [];
  let full = Promise.withResolvers<OpsiObject[]>();
  let taken = Promise.withResolvers<void>();
  const reading = connection.each(statement, (row) => {
    portion.push(JSON.parse(toJson(row)));
    if (portion.length < rowsPerPortion) return;
    full.resolve(portion);
    portion = [];
    return taken.promise;
  });
  const end = reading.then(() => null);
  let isOver = false;
  try {
    for (;;) {
      const next = await Promise.race([full.promise, end]);
      if (next === null) break;
      yield next;
      full = Promise.withResolvers();
      taken.resolve();
      taken = Promise.withResolvers();
    }
    isOver = true;
    if (portion.length > 0) yield portion;
  } finally {
    if (!isOver) connection.destroy("Nobody wants the rest");
  }
}

/** A transaction that only reads; the server shows it what was there when it began. */
export class RemoteSnapshot implements Snapshot {
  readonly #ended = Promise.withResolvers<void>();
  readonly #database: Database;
  readonly #tables: RemoteTables;
  #transaction: Promise<void> = Promise.resolve();
  #connection: Promise<Connection> | null = null;

  constructor(database: Database, tables: RemoteTables) {
    this.#database = database;
    this.#tables = tables;
  }

  async *read(family: Family): AsyncIterable<OpsiObject[]> {
    yield* this.#portions([this.#tables.select(layoutOf(family), {}, "hash", false)]);
  }

  async *readHardware(name: HardwareTypeName): AsyncIterable<OpsiObject[]> {
    const { dialect, hardware } = this.#tables;
    yield* this.#portions(selectHardwareRows(hardware.layouts, name, {}, "object", dialect, false));
  }

  async *#portions(statements: readonly SelectRows[]): AsyncIterable<OpsiObject[]> {
    const connection = await this.#begin();
    for (const statement of statements) yield* portions(connection, statement);
  }

  #begin(): Promise<Connection> {
    this.#connection ??= new Promise((resolve, reject) => {
      const { begin } = this.#tables.dialect;
      const hold = async (connection: Connection) => {
        let hasBegun = false;
        try {
          await connection.transaction(begin.snapshot, () => {
            hasBegun = true;
            resolve(connection);
            return this.#ended.promise;
          });
        } catch (error) {
          if (!hasBegun) throw error; // later the reads themselves tell what is wrong, and nothing begins again
        }
      };
      this.#transaction = this.#database.read(hold).catch(reject);
    });
    return this.#connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.resolve();
    await this.#transaction;
  }
}
