import { type Family, families, type HardwareTypes, type OpsiObject } from "@opsi-ts/model";
import { type Fragment, join, type Parameter, raw, sql } from "../sql/fragment.ts";
import { hardwareLayouts } from "../sql/hardware/hardware-layout.ts";
import { type Column, type Layout, layoutOf } from "../sql/layout.ts";
import { encodeValues } from "../sql/python-json.ts";
import { Database } from "../sql/sqlite/database.ts";
import { Turn } from "../turn.ts";
import type { FileKind, ProductIdent, SiteFile } from "./site-tree.ts";

/** An object of the index that was created, changed or deleted. */
export interface ChangedRow {
  readonly prefix: string;
  /** Ident attributes and, for groups, the type; of a piece of hardware its host; else nothing. */
  readonly ident: Readonly<Record<string, string>>;
}

const quote = (name: string) => `"${name}"`;

/** Where the rows of a file are, by the column that names its host. */
const hostTables: Partial<Record<FileKind, readonly (readonly [table: string, column: string])[]>> = {
  client: [
    ["HOST", "hostId"],
    ["CONFIG_STATE", "objectId"],
    ["PRODUCT_ON_CLIENT", "clientId"],
    ["PRODUCT_PROPERTY_STATE", "objectId"],
  ],
  depot: [
    ["HOST", "hostId"],
    ["CONFIG_STATE", "objectId"],
    ["PRODUCT_ON_DEPOT", "depotId"],
    ["PRODUCT_PROPERTY_STATE", "objectId"],
  ],
  clientSoftware: [["SOFTWARE_CONFIG", "clientId"]],
};

const productTables = ["PRODUCT", "PRODUCT_PROPERTY", "PRODUCT_PROPERTY_VALUE", "PRODUCT_DEPENDENCY"];

const wholeTables: Partial<Record<FileKind, readonly string[]>> = {
  configs: ["CONFIG_VALUE", "CONFIG"],
  software: ["SOFTWARE"],
  furtherObjects: [
    ...["USER", "AUDIT_SOFTWARE_TO_LICENSE_POOL", "LICENSE_ON_CLIENT", "SOFTWARE_LICENSE_TO_LICENSE_POOL"],
    ...["PRODUCT_ID_TO_LICENSE_POOL", "LICENSE_POOL", "SOFTWARE_LICENSE", "LICENSE_CONTRACT"],
  ],
};

/**
 * The rows of the index as files see them. Files may say what the tables' foreign keys forbid, a product on a depot
 * that has no product file for one: here they do not count. (storage 10)
 */
export class IndexRows implements Disposable {
  readonly #database: Database;

  constructor(path: string) {
    this.#database = new Database(path);
    this.#database.execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF");
  }

  /** From now on `takeChanges` tells what was changed in the index. */
  async watch(hardware: HardwareTypes): Promise<void> {
    await this.transaction(() => {
      this.#database.execute(`CREATE TABLE "FILE_CHANGE" ("prefix" TEXT, "ident" TEXT)`);
      for (const statement of changeTriggers(hardware)) this.#database.execute(statement);
    });
  }

  /** For what came from the files. */
  forgetChanges(): void {
    this.#database.execute(`DELETE FROM "FILE_CHANGE"`);
  }

  /** Several calls in one transaction. What they change is no change for `takeChanges`. */
  async transaction(work: () => void | Promise<void>): Promise<void> {
    this.#database.execute("BEGIN IMMEDIATE");
    try {
      await work();
      this.#database.execute("COMMIT");
    } catch (error) {
      if (this.#database.inTransaction) this.#database.execute("ROLLBACK");
      throw error;
    }
  }

  /** Removes what came from a file. Hardware is not among it. */
  clear({ kind, hostId }: SiteFile, product: ProductIdent | null): void {
    for (const [table, column] of hostTables[kind] ?? []) {
      this.#run(sql`DELETE FROM ${raw(quote(table))} WHERE ${raw(quote(column))} = ${hostId}`);
    }
    for (const table of wholeTables[kind] ?? []) this.#run(raw(`DELETE FROM ${quote(table)}`));
    if (kind === "hostGroups" || kind === "productGroups") {
      const type = kind === "hostGroups" ? "HostGroup" : "ProductGroup";
      this.#run(sql`DELETE FROM "OBJECT_TO_GROUP" WHERE "groupType" = ${type}`);
      this.#run(sql`DELETE FROM "GROUP" WHERE "type" = ${type}`);
    }
    if (kind === "product" && product) {
      const conditions = Object.entries(product).map(([column, value]) => sql`${raw(quote(column))} = ${value}`);
      for (const table of productTables) {
        this.#run(sql`DELETE FROM ${raw(quote(table))} WHERE ${join(conditions, " AND ")}`);
      }
    }
  }

  /** @throws BackendReferentialIntegrityError where there is such an object already; case does not count */
  add(object: OpsiObject): void {
    const family = familyOf(object.type);
    if (!family) throw new Error(`${object.type} has no table`);
    for (const statement of insertStatements(layoutOf(family), object)) this.#run(statement);
  }

  setHostKey(hostId: string, key: string | null): void {
    this.#run(sql`UPDATE "HOST" SET "opsiHostKey" = ${key} WHERE "hostId" = ${hostId}`);
  }

  #run(statement: Fragment): void {
    this.#database.rows(statement);
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

/** Notes that are read in one go. */
const notesAtOnce = 1000;

/** What was changed since the last call, in a transaction of the given connection or before. */
export async function takeChanges(database: Database): Promise<ChangedRow[]> {
  const changed = new Map<string, ChangedRow>();
  const turn = new Turn();
  for (let last = 0; ; ) {
    const notes = database.rows(
      sql`SELECT rowid, "prefix", "ident" FROM "FILE_CHANGE" WHERE rowid > ${last} ORDER BY rowid LIMIT ${notesAtOnce}`,
    );
    for (const [, prefix, ident] of notes) {
      const key = `${String(prefix)} ${String(ident)}`;
      if (!changed.has(key)) changed.set(key, { prefix: String(prefix), ident: JSON.parse(String(ident)) });
    }
    if (notes.length < notesAtOnce) break;
    last = Number(notes.at(-1)?.[0]);
    if (turn.isOver) await turn.pass();
  }
  if (changed.size > 0) database.execute(`DELETE FROM "FILE_CHANGE"`);
  return [...changed.values()];
}

const familyByType = new Map(families.flatMap((family) => family.types.map((type) => [type.name, family] as const)));
const familyOf = (type: string): Family | undefined => familyByType.get(type);

function parameter({ kind }: Column, value: unknown): Parameter {
  if (value === null || value === undefined) return null;
  if (kind === "list") return encodeValues(Array.isArray(value) ? value : [value]);
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" ? value : String(value);
}

/** Unlike the writes of the service these cut and check nothing: files hold longer texts than tables. (storage 10) */
function insertStatements(layout: Layout, object: OpsiObject): Fragment[] {
  const { table, typeColumn, values } = layout;
  const pairs: [string, Parameter][] = typeColumn ? [["type", object.type]] : [];
  for (const column of layout.columns.values()) {
    const value = column.emptyIsNull && object[column.attribute] === "" ? null : object[column.attribute];
    const hasDefault = table.defaults?.[column.column] !== undefined || table.notNull?.includes(column.column);
    if (value === undefined || (value === null && hasDefault)) continue;
    pairs.push([column.column, parameter(column, value)]);
  }
  const key = layout.identColumns.map(({ column, attribute }): [string, Parameter] => [
    column,
    String(object[attribute]),
  ]);
  const rows = values ? valueRows(object, values.kind).map((row) => insert(values.table.name, [...key, ...row])) : [];
  return [insert(table.name, pairs), ...rows];
}

function valueRows(object: OpsiObject, kind: "values" | "productIds"): [string, Parameter][][] {
  const list = (name: string): unknown[] => (Array.isArray(object[name]) ? object[name] : []);
  if (kind === "productIds") return list("productIds").map((id) => [["productId", String(id)]]);
  const text = (value: unknown) => (typeof value === "boolean" ? String(Number(value)) : String(value));
  const defaults = new Set(list("defaultValues").map(text));
  return list("possibleValues").map((value) => [
    ["value", text(value)],
    ["isDefault", defaults.has(text(value)) ? 1 : 0],
  ]);
}

function insert(table: string, pairs: readonly [string, Parameter][]): Fragment {
  return {
    text: `INSERT INTO ${quote(table)} (${pairs.map(([column]) => quote(column)).join(", ")}) VALUES (${pairs.map(() => "?").join(", ")})`,
    parameters: pairs.map(([, value]) => value),
  };
}

/** Triggers also see what foreign keys delete. */
function changeTriggers(hardware: HardwareTypes): string[] {
  const watched = families.filter(({ prefix }) => !prefix.startsWith("auditHardware")).flatMap(tablesOf);
  for (const { device, piece } of hardwareLayouts(hardware).values()) {
    watched.push({ table: device.name, prefix: "auditHardware", columns: [] });
    watched.push({ table: piece.name, prefix: "auditHardwareOnHost", columns: [["hostId", "hostId"]] });
  }
  return watched.flatMap(triggers);
}

interface Watched {
  readonly table: string;
  readonly prefix: string;
  readonly columns: readonly (readonly [attribute: string, column: string])[];
}

function tablesOf(family: Family): Watched[] {
  const { table, identColumns, values } = layoutOf(family);
  const ident = identColumns.map(({ attribute, column }) => [attribute, column] as const);
  const { prefix } = family;
  const own = {
    table: table.name,
    prefix,
    columns: prefix === "group" ? [...ident, ["type", "type"] as const] : ident,
  };
  return values ? [own, { table: values.table.name, prefix, columns: ident }] : [own];
}

function triggers({ table, prefix, columns }: Watched): string[] {
  const note = (row: "OLD" | "NEW") => {
    const pairs = columns.map(([attribute, column]) => `'${attribute}', ${row}.${quote(column)}`);
    return `INSERT INTO "FILE_CHANGE" VALUES ('${prefix}', json_object(${pairs.join(", ")}));`;
  };
  const trigger = (event: string, rows: readonly ("OLD" | "NEW")[]) =>
    `CREATE TRIGGER ${quote(`file_${table}_${event}`)} AFTER ${event} ON ${quote(table)} BEGIN ${rows.map(note).join(" ")} END`;
  return [trigger("INSERT", ["NEW"]), trigger("UPDATE", ["OLD", "NEW"]), trigger("DELETE", ["OLD"])];
}
