import { type HardwareTypeName, type HardwareTypes, OpsiError, type OpsiObject } from "@opsi-ts/model";
import { JsonText } from "@opsi-ts/protocol";
import type {
  HardwareForm,
  HardwareQuery,
  HardwareStorage,
  HardwareStore,
  ObjectStore,
  WriteMode,
} from "../../storage.ts";
import { Turn } from "../../turn.ts";
import { sqlite } from "../dialect.ts";
import { type Fragment, sql } from "../fragment.ts";
import { createHardwareTables } from "../hardware/create-hardware-tables.ts";
import { type HardwareLayout, hardwareLayouts } from "../hardware/hardware-layout.ts";
import { countHardware, type SelectHardware, selectHardware } from "../hardware/select-hardware.ts";
import {
  deleteDevice,
  deletePiece,
  deletePiecesOfHost,
  findPiece,
  insertDevice,
  insertPiece,
  movePieces,
  updatePiece,
} from "../hardware/write-hardware.ts";
import type { BulkReader } from "./bulk-reader.ts";
import type { Database } from "./database.ts";

/** The tables of the hardware classes in one database. */
export class HardwareTables {
  readonly #layouts: ReadonlyMap<string, HardwareLayout>;

  constructor(types: HardwareTypes) {
    this.#layouts = hardwareLayouts(types);
  }

  get all(): Iterable<HardwareLayout> {
    return this.#layouts.values();
  }

  create(database: Database): void {
    const existing = (table: string) =>
      new Set(database.rows(sql`SELECT name FROM pragma_table_info(${table})`).map(([name]) => String(name)));
    // In one go: table by table a new site would wait for some hundred commits.
    const statements = createHardwareTables(this.#layouts, existing, sqlite);
    database.execute(["BEGIN IMMEDIATE", ...statements, "COMMIT"].join(";\n"));
  }

  /** @throws ValueError for a class that is not configured */
  of(object: OpsiObject): HardwareLayout {
    const name = object["hardwareClass"];
    const layout = this.#layouts.get(String(name));
    if (layout) return layout;
    throw new OpsiError("ValueError", `Hardware class '${name}' is not configured`, { field: "hardwareClass" });
  }

  count(name: HardwareTypeName, query: HardwareQuery): Fragment[] {
    return countHardware(this.#layouts, name, query, sqlite);
  }

  select(name: HardwareTypeName, query: HardwareQuery, form: HardwareForm): SelectHardware {
    return selectHardware(this.#layouts, name, query, form, sqlite);
  }
}

/** What an insert puts in place of null. */
function withDefaults({ types }: HardwareLayout, object: OpsiObject): OpsiObject {
  const { attributes } = types.AuditHardwareOnHost;
  const initial = ["firstseen", "lastseen", "state"].map((name) => [
    name,
    object[name] ?? attributes[name]?.initial?.() ?? null,
  ]);
  return { ...object, ...Object.fromEntries(initial) };
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
    return JSON.parse(this.jsonText(this.#tables.select(name, query, "object").statements)) as OpsiObject[];
  }

  async write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    await this.#inTurns(objects, (object) => {
      const layout = this.#tables.of(object);
      if (name === "AuditHardwareOnHost") this.#writePiece(layout, object, mode);
      // An update of a device would set the values by which it is found: there is nothing to do.
      else if (mode !== "update") this.#database.rows(insertDevice(layout, object, sqlite));
    });
  }

  #writePiece(layout: HardwareLayout, given: OpsiObject, mode: WriteMode): void {
    const object = mode === "insert" ? withDefaults(layout, given) : given;
    const [row] = this.#database.rows(findPiece(layout, object, sqlite)) as [number, number | null][];
    const [deviceId, pieceId] = row ?? [null, null];
    if (pieceId !== null) {
      const change = updatePiece(layout, object, pieceId, sqlite);
      if (change) this.#database.run(change);
    } else if (mode !== "update") {
      const device = deviceId ?? Number(this.#database.rows(insertDevice(layout, object, sqlite))[0]?.[0]);
      this.#database.rows(insertPiece(layout, object, device, sqlite));
    }
  }

  async remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    const statement = name === "AuditHardware" ? deleteDevice : deletePiece;
    await this.#inTurns(objects, (object) => this.#database.run(statement(this.#tables.of(object), object, sqlite)));
  }

  async removeOfHosts(hostIds: readonly string[]): Promise<void> {
    await this.#inTurns(hostIds, (hostId) => {
      for (const layout of this.#tables.all) this.#database.run(deletePiecesOfHost(layout, hostId, sqlite));
    });
  }

  async moveToHost(hostId: string, newHostId: string): Promise<void> {
    for (const layout of this.#tables.all) this.#database.run(movePieces(layout, hostId, newHostId, sqlite));
  }

  /** Inventories of many hosts in one call must not keep everybody else waiting. */
  async #inTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
    const turn = new Turn();
    for (const item of items) {
      work(item);
      if (turn.isOver) await turn.pass();
    }
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
    const counts = this.#tables.count(name, query).map((statement) => this.#surroundings.reader.rows(statement)[0]);
    return counts.reduce((sum, row) => sum + Number(row?.[0]), 0);
  }

  async readJson(name: HardwareTypeName, query: HardwareQuery, form: HardwareForm): Promise<JsonText> {
    const { statements, selective } = this.#tables.select(name, query, form);
    if (selective) return new JsonText(this.#reader.jsonText(statements));
    return new JsonText(await this.#surroundings.bulk.read(...statements));
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
