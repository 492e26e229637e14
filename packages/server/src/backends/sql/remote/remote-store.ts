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
import { countHardware } from "../hardware/select-hardware.ts";
import { layoutOf } from "../layout.ts";
import { type Form, identsOf, selectCount, selectIdents } from "../select.ts";
import { removeScript, writeScript } from "../write-script.ts";
import type { Connection } from "./connection.ts";
import { readJson } from "./read-json.ts";
import type { RemoteTables } from "./remote-tables.ts";
import { selectHardwareRows } from "./select-hardware-rows.ts";
import { keyColumns } from "./select-rows.ts";

/** Reads and writes on one connection. Inside of a transaction, what is read stays as it is until its end. */
export class RemoteStore implements ObjectStore {
  readonly #connection: Connection;
  readonly #tables: RemoteTables;
  readonly #locking: boolean;
  readonly hardware: RemoteHardwareStore;

  /** @param isTransaction whether decisions may rest on what is read */
  constructor(connection: Connection, tables: RemoteTables, isTransaction: boolean) {
    this.#connection = connection;
    this.#tables = tables;
    this.#locking = isTransaction;
    this.hardware = new RemoteHardwareStore(connection, tables, isTransaction);
  }

  readJson(family: Family, query: Query, form: Form): Promise<JsonText> {
    return readJson(this.#connection, [this.#tables.select(layoutOf(family), query, form, this.#locking)]);
  }

  async read(family: Family, query: Query = {}): Promise<OpsiObject[]> {
    return (await this.readJson(family, query, "hash")).parse() as OpsiObject[];
  }

  async readIdents(family: Family, query: Query = {}): Promise<Record<string, unknown>[]> {
    const layout = layoutOf(family);
    const { dialect } = this.#tables;
    const order = raw(dialect.orderBy(keyColumns(layout, dialect)));
    const statement = this.#locked(join([selectIdents(layout, query, dialect), order], ""));
    return identsOf(layout, await this.#connection.rows(statement));
  }

  async count(family: Family, query: Query = {}): Promise<number> {
    return Number(
      await this.#connection.value(this.#locked(selectCount(layoutOf(family), query, this.#tables.dialect))),
    );
  }

  #locked(statement: Fragment): Fragment {
    return this.#locking ? join([statement, raw(this.#tables.dialect.lock)], "") : statement;
  }

  write(family: Family, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#connection.play(writeScript(family, objects, mode, this.#tables.dialect));
  }

  async remove(family: Family, idents: readonly Ident[]): Promise<void> {
    await this.#connection.play(removeScript(family, idents, this.#tables.dialect));
    if (family.base.table === "HOST") await this.hardware.removeOfHosts(idents.map(({ id }) => String(id)));
  }
}

/** Hardware on one connection. */
export class RemoteHardwareStore implements HardwareStore {
  readonly #connection: Connection;
  readonly #tables: RemoteTables;
  readonly #locking: boolean;

  constructor(connection: Connection, tables: RemoteTables, isTransaction: boolean) {
    this.#connection = connection;
    this.#tables = tables;
    this.#locking = isTransaction;
  }

  readJson(name: HardwareTypeName, query: HardwareQuery, form: HardwareForm): Promise<JsonText> {
    const { dialect, hardware } = this.#tables;
    const statements = selectHardwareRows(hardware.layouts, name, query, form, dialect, this.#locking);
    return readJson(this.#connection, statements);
  }

  async read(name: HardwareTypeName, query: HardwareQuery = {}): Promise<OpsiObject[]> {
    return (await this.readJson(name, query, "object")).parse() as OpsiObject[];
  }

  async count(name: HardwareTypeName, query: HardwareQuery): Promise<number> {
    let sum = 0;
    for (const statement of countHardware(this.#tables.hardware.layouts, name, query, this.#tables.dialect)) {
      sum += Number(await this.#connection.value(statement));
    }
    return sum;
  }

  write(name: HardwareTypeName, objects: readonly OpsiObject[], mode: WriteMode): Promise<void> {
    return this.#connection.play(this.#tables.hardware.write(name, objects, mode));
  }

  remove(name: HardwareTypeName, objects: readonly OpsiObject[]): Promise<void> {
    return this.#connection.play(this.#tables.hardware.remove(name, objects));
  }

  removeOfHosts(hostIds: readonly string[]): Promise<void> {
    return this.#connection.play(this.#tables.hardware.removeOfHosts(hostIds));
  }

  moveToHost(hostId: string, newHostId: string): Promise<void> {
    return this.#connection.play(this.#tables.hardware.moveToHost(hostId, newHostId));
  }
}
