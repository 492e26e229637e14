import type { HardwareTypeName, OpsiObject } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type {
  HardwareForm,
  HardwareQuery,
  HardwareStorage,
  HardwareStore,
  ObjectStore,
  WriteMode,
} from "../../storage.ts";
import { sqlite } from "../dialect.ts";
import { type Fragment, sql } from "../fragment.ts";
import { createHardwareTables } from "../hardware/create-hardware-tables.ts";
import type { HardwareTables } from "../hardware/hardware-tables.ts";
import { countHardware, selectHardware } from "../hardware/select-hardware.ts";
import type { BulkReader } from "./bulk-reader.ts";
import type { Database } from "./database.ts";

/** Makes the tables of a site that is new or has new classes. */
export function createTables(database: Database, { layouts }: HardwareTables): void {
  const existing = (table: string) =>
    new Set(database.rows(sql`SELECT name FROM pragma_table_info(${table})`).map(([name]) => String(name)));
  // In one go: table by table a new site would wait for some hundred commits.
  const statements = createHardwareTables(layouts, existing, sqlite);
  database.execute(["BEGIN IMMEDIATE", ...statements, "COMMIT"].join(";\n"));
}

/** Hardware on one connection; statements of one call see each other. */
export class ConnectionHardware implements HardwareStore {
  readonly #database: Database;
  readonly #tables: HardwareTables;

  constructor(database: Database, tables: HardwareTables) {
    this.#database = database;
    this.#tables = tables;
  }

  jsonText(statements: readonly Fragment[]): string {
    const parts = statements.flatMap(({ text, parameters }) => {
      const [row] = this.#database.rows({ text: `SELECT group_concat(json, ',') FROM (${text})`, parameters });
      return typeof row?.[0] === "string" ? [row[0]] : [];
    });
    return `[${parts.join(",")}]`;
  }

  async read(name: HardwareTypeName, query: HardwareQuery = {}): Promise<OpsiObject[]> {
    const { statements } = selectHardware(this.#tables.layouts, name, query, "object", sqlite);
    return JSON.parse(this.jsonText(statements)) as OpsiObject[];
  }

  write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#database.play(this.#tables.write(name, objects, mode));
  }

  remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    return this.#database.play(this.#tables.remove(name, objects));
  }

  removeOfHosts(hostIds: readonly string[]): Promise<void> {
    return this.#database.play(this.#tables.removeOfHosts(hostIds));
  }

  moveToHost(hostId: string, newHostId: string): Promise<void> {
    return this.#database.play(this.#tables.moveToHost(hostId, newHostId));
  }
}

/** What hardware outside of a transaction needs of the storage. */
interface Surroundings {
  readonly reader: Database;
  readonly bulk: BulkReader;
  transaction<T>(work: (store: ObjectStore) => Promise<T>): Promise<T>;
}

/** Hardware outside of a transaction: writes begin their own, reads of more than some hosts go to another thread. */
export class SqliteHardware implements HardwareStorage {
  readonly #surroundings: Surroundings;
  readonly #tables: HardwareTables;
  readonly #reader: ConnectionHardware;

  constructor(surroundings: Surroundings, tables: HardwareTables) {
    this.#surroundings = surroundings;
    this.#tables = tables;
    this.#reader = new ConnectionHardware(surroundings.reader, tables);
  }

  async count(name: HardwareTypeName, query: HardwareQuery): Promise<number> {
    const statements = countHardware(this.#tables.layouts, name, query, sqlite);
    const counts = statements.map((statement) => this.#surroundings.reader.rows(statement)[0]);
    return counts.reduce((sum, row) => sum + Number(row?.[0]), 0);
  }

  async readJson(name: HardwareTypeName, query: HardwareQuery, form: HardwareForm): Promise<JsonText> {
    const { statements, selective } = selectHardware(this.#tables.layouts, name, query, form, sqlite);
    if (selective) return new JsonText(this.#reader.jsonText(statements));
    return this.#surroundings.bulk.read(...statements);
  }

  async read(name: HardwareTypeName, query: HardwareQuery = {}): Promise<OpsiObject[]> {
    return (await this.readJson(name, query, "object")).parse() as OpsiObject[];
  }

  write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#surroundings.transaction(({ hardware }) => hardware.write(name, objects, mode));
  }

  remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    return this.#surroundings.transaction(({ hardware }) => hardware.remove(name, objects));
  }

  removeOfHosts(hostIds: readonly string[]): Promise<void> {
    return this.#surroundings.transaction(({ hardware }) => hardware.removeOfHosts(hostIds));
  }

  moveToHost(hostId: string, newHostId: string): Promise<void> {
    return this.#surroundings.transaction(({ hardware }) => hardware.moveToHost(hostId, newHostId));
  }
}
