import type { Family, HardwareTypeName, OpsiObject } from "@opsi-ts/model";
import type { JsonText } from "@opsi-ts/protocol";
import type {
  HardwareForm,
  HardwareQuery,
  HardwareStore,
  Ident,
  ObjectStore,
  Query,
  WriteMode,
} from "../../storage.ts";
import { type Fragment, join, raw } from "../fragment.ts";
import type { HardwareTables } from "../hardware/hardware-tables.ts";
import { countHardware } from "../hardware/select-hardware.ts";
import { layoutOf } from "../layout.ts";
import { type Form, identsOf, selectCount, selectIdents } from "../select.ts";
import { StatementCache } from "../statement-cache.ts";
import { removeScript, writeScript } from "../write-script.ts";
import type { Connection } from "./connection.ts";
import { mysql } from "./mysql-dialect.ts";
import { readJson } from "./read-json.ts";
import { selectHardwareRows } from "./select-hardware-rows.ts";
import { lock, selectRows } from "./select-rows.ts";

const plain = new StatementCache((layout, query, form) => selectRows(layout, query, form, false));
const locking = new StatementCache((layout, query, form) => selectRows(layout, query, form, true));

/** Reads and writes on one connection. Inside of a transaction, what is read stays as it is until its end. */
export class MySqlStore implements ObjectStore {
  readonly #connection: Connection;
  readonly #locking: boolean;
  readonly hardware: MySqlHardwareStore;

  /** @param isTransaction whether decisions may rest on what is read */
  constructor(connection: Connection, hardware: HardwareTables, isTransaction: boolean) {
    this.#connection = connection;
    this.#locking = isTransaction;
    this.hardware = new MySqlHardwareStore(connection, hardware, isTransaction);
  }

  readJson(family: Family, query: Query, form: Form): Promise<JsonText> {
    const statements = this.#locking ? locking : plain;
    return readJson(this.#connection, [statements.select(layoutOf(family), query, form)]);
  }

  async read(family: Family, query: Query = {}): Promise<OpsiObject[]> {
    return (await this.readJson(family, query, "hash")).parse() as OpsiObject[];
  }

  async readIdents(family: Family, query: Query = {}): Promise<Record<string, unknown>[]> {
    const layout = layoutOf(family);
    return identsOf(layout, await this.#connection.rows(this.#locked(selectIdents(layout, query, mysql))));
  }

  async count(family: Family, query: Query = {}): Promise<number> {
    return Number(await this.#connection.value(this.#locked(selectCount(layoutOf(family), query, mysql))));
  }

  #locked(statement: Fragment): Fragment {
    return this.#locking ? join([statement, raw(lock)], "") : statement;
  }

  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#connection.play(writeScript(family, objects, mode, mysql));
  }

  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    await this.#connection.play(removeScript(family, idents, mysql));
    if (family.base.table === "HOST") await this.hardware.removeOfHosts(idents.map(({ id }) => String(id)));
  }
}

/** Hardware on one connection. */
export class MySqlHardwareStore implements HardwareStore {
  readonly #connection: Connection;
  readonly #tables: HardwareTables;
  readonly #locking: boolean;

  constructor(connection: Connection, tables: HardwareTables, isTransaction: boolean) {
    this.#connection = connection;
    this.#tables = tables;
    this.#locking = isTransaction;
  }

  readJson(name: HardwareTypeName, query: HardwareQuery, form: HardwareForm): Promise<JsonText> {
    return readJson(this.#connection, selectHardwareRows(this.#tables.layouts, name, query, form, this.#locking));
  }

  async read(name: HardwareTypeName, query: HardwareQuery = {}): Promise<OpsiObject[]> {
    return (await this.readJson(name, query, "object")).parse() as OpsiObject[];
  }

  async count(name: HardwareTypeName, query: HardwareQuery): Promise<number> {
    let sum = 0;
    for (const statement of countHardware(this.#tables.layouts, name, query, mysql)) {
      sum += Number(await this.#connection.value(statement));
    }
    return sum;
  }

  write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#connection.play(this.#tables.write(name, objects, mode));
  }

  remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    return this.#connection.play(this.#tables.remove(name, objects));
  }

  removeOfHosts(hostIds: readonly string[]): Promise<void> {
    return this.#connection.play(this.#tables.removeOfHosts(hostIds));
  }

  moveToHost(hostId: string, newHostId: string): Promise<void> {
    return this.#connection.play(this.#tables.moveToHost(hostId, newHostId));
  }
}
