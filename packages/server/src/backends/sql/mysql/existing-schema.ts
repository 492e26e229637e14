import { raw } from "../fragment.ts";
import type { Connection } from "../remote/connection.ts";

/** What there is of a table. */
export interface ExistingTable {
  readonly engine: string;
  readonly collation: string;
  readonly columns: ReadonlyMap<string, ExistingColumn>;
  /** By name; the primary key is `PRIMARY`. */
  readonly indexes: ReadonlyMap<string, ExistingIndex>;
  readonly foreignKeys: ReadonlyMap<string, ExistingForeignKey>;
}

export interface ExistingColumn {
  readonly type: string;
  readonly nullable: boolean;
  /** As text without quotes; null without one. */
  readonly initial: string | null;
  readonly autoIncrement: boolean;
}

export interface ExistingIndex {
  readonly columns: readonly string[];
  readonly unique: boolean;
}

export interface ExistingForeignKey {
  readonly columns: readonly string[];
  readonly table: string;
  readonly references: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

const columnsQuery = `SELECT table_name, column_name, column_type, is_nullable, coalesce(column_default, 'NULL'), extra
  FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position`;
const indexesQuery = `SELECT table_name, index_name, column_name, non_unique
  FROM information_schema.statistics WHERE table_schema = database() ORDER BY table_name, index_name, seq_in_index`;
const foreignKeysQuery = `SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name,
    k.referenced_column_name, r.delete_rule, r.update_rule
  FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
    USING (constraint_schema, table_name, constraint_name)
  WHERE k.table_schema = database() ORDER BY k.table_name, k.constraint_name, k.ordinal_position`;
const tablesQuery = `SELECT table_name, engine, table_collation
  FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'`;

/** MariaDB shows literals, MySQL the bare text. */
function defaultOf(shown: string): string | null {
  return shown === "NULL" ? null : shown.replace(/^'(.*)'$/s, "$1");
}

/** The tables of the database by name. */
export async function readSchema(connection: Connection): Promise<Map<string, ExistingTable>> {
  const read = async (query: string) => (await connection.rows(raw(query))).map((row) => row.map(String));
  const columns = Map.groupBy(await read(columnsQuery), ([table]) => table);
  const indexes = Map.groupBy(await read(indexesQuery), ([table]) => table);
  const foreignKeys = Map.groupBy(await read(foreignKeysQuery), ([table]) => table);
  const tables = new Map<string, ExistingTable>();
  for (const [name = "", engine = "", collation = ""] of await read(tablesQuery)) {
    tables.set(name, {
      engine,
      collation,
      columns: new Map((columns.get(name) ?? []).map(columnEntry)),
      indexes: byName(indexes.get(name) ?? [], (rows) => ({
        columns: rows.map(([, , column = ""]) => column),
        unique: Number(rows[0]?.[3]) === 0,
      })),
      foreignKeys: byName(foreignKeys.get(name) ?? [], foreignKey),
    });
  }
  return tables;
}

type Rows = readonly (readonly string[])[];

function byName<T>(rows: Rows, make: (rows: Rows) => T): Map<string, T> {
  const grouped = Map.groupBy(rows, ([, name = ""]) => name);
  return new Map([...grouped].map(([name, own]) => [name, make(own)]));
}

function columnEntry([, name = "", type = "", nullable, initial = "NULL", extra = ""]: readonly string[]): [
  string,
  ExistingColumn,
] {
  const autoIncrement = /auto_increment/i.test(extra);
  return [name, { type, nullable: nullable === "YES", initial: defaultOf(initial), autoIncrement }];
}

function foreignKey(rows: Rows): ExistingForeignKey {
  const [, , , table = "", , onDelete = "", onUpdate = ""] = rows[0] ?? [];
  return {
    columns: rows.map(([, , column = ""]) => column),
    table,
    references: rows.map(([, , , , reference = ""]) => reference),
    onDelete,
    onUpdate,
  };
}
