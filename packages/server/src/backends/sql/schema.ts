import { families } from "@opsi-ts/model";
import type { SchemaDialect } from "./dialect.ts";
import { type Column, layoutOf } from "./layout.ts";
import { currentTime, type Table, tables } from "./tables.ts";

export function columnsByTable(): Map<string, Map<string, Column>> {
  const found = new Map<string, Map<string, Column>>();
  for (const family of families) {
    if (!tables.some(({ name }) => name === family.base.table)) continue;
    const { columns, table } = layoutOf(family);
    found.set(table.name, new Map([...columns.values()].map((column) => [column.column, column])));
  }
  return found;
}

/** The type of a column in MySQL's notation, with what else the model says of it. */
export function declaredType(table: Table, name: string, types: ReadonlyMap<string, Column> | undefined): string {
  const declared = table.types?.[name] ?? types?.get(name)?.definition.sql ?? (name === "type" ? "varchar(30)" : null);
  if (declared === null) throw new Error(`No type for column ${table.name}.${name}`);
  return declared;
}

/** One column as CREATE TABLE and ALTER TABLE have it. */
export function columnDefinition(
  table: Table,
  name: string,
  types: Map<string, Column> | undefined,
  dialect: SchemaDialect,
): string {
  const declared = declaredType(table, name, types);
  if (/auto_increment/.test(declared)) return `${dialect.quote(name)} ${dialect.numberType}`;
  const parts = [dialect.quote(name), dialect.columnType(declared)];
  if (table.notNull?.includes(name) || table.primaryKey.includes(name)) parts.push("NOT NULL");
  const initial = table.defaults?.[name] ?? table.implicitDefaults?.[name];
  if (initial !== undefined) parts.push(`DEFAULT ${initial === currentTime ? `(${dialect.now})` : initial}`);
  return parts.join(" ");
}

/** @param types columns whose types the table does not say itself */
export function createTable(table: Table, types: Map<string, Column> | undefined, dialect: SchemaDialect): string[] {
  const quote = dialect.quote;
  const list = (names: readonly string[]) => names.map(quote).join(", ");
  const lines = table.columns.map((name) => columnDefinition(table, name, types, dialect));
  const numbered = table.types && Object.values(table.types).some((type) => /auto_increment/.test(type));
  if (!numbered) lines.push(`PRIMARY KEY (${list(table.primaryKey)})`);
  for (const columns of table.unique ?? []) lines.push(`UNIQUE (${list(columns)})`);
  for (const { columns, table: target, references, onDelete } of table.foreignKeys ?? []) {
    const change = onDelete.toUpperCase();
    const onUpdate = onDelete === "restrict" ? "" : ` ON UPDATE ${change}`;
    lines.push(
      `FOREIGN KEY (${list(columns)}) REFERENCES ${quote(target)} (${list(references)}) ON DELETE ${change}${onUpdate}`,
    );
  }
  const indexed = (name: string) => ({ name, type: declaredType(table, name, types) });
  const indexes = (table.indexes ?? []).flatMap((columns) => dialect.createIndex(table.name, columns.map(indexed)));
  return [`CREATE TABLE IF NOT EXISTS ${quote(table.name)} (\n  ${lines.join(",\n  ")}\n)`, ...indexes];
}

/** The statements that create what is missing of the schema; running them again changes nothing. */
export function createSchema(dialect: SchemaDialect): string[] {
  const types = columnsByTable();
  return tables.flatMap((table) => createTable(table, types.get(table.name), dialect));
}
