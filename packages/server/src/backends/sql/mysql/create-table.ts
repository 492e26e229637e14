import type { Column } from "../layout.ts";
import { declaredType } from "../schema.ts";
import { currentTime, type ForeignKey, type Table } from "../tables.ts";
import { mysql } from "./mysql-dialect.ts";
import { originalIndexes } from "./original-indexes.ts";

/** Columns whose types a table does not say itself, by name. */
export type Types = ReadonlyMap<string, Column> | undefined;

export const columnList = (names: readonly string[]) => names.map(mysql.quote).join(", ");

/** The type alone, in the words of CREATE TABLE. */
export function columnType(table: Table, name: string, types: Types): string {
  const declared = declaredType(table, name, types);
  return /^\w+(\(\d+\))?/.exec(declared)?.[0] ?? declared;
}

export const isNullable = (table: Table, name: string) =>
  !table.notNull?.includes(name) && !table.primaryKey.includes(name);

/** One column as CREATE TABLE and ALTER TABLE have it. */
export function columnDefinition(table: Table, name: string, types: Types): string {
  const parts = [mysql.quote(name), columnType(table, name, types)];
  // Said explicitly: a timestamp is NOT NULL by itself.
  parts.push(isNullable(table, name) ? "NULL" : "NOT NULL");
  const initial = table.defaults?.[name];
  if (initial !== undefined) parts.push(`DEFAULT ${initial}`);
  if (table.touched === name) parts.push(`ON UPDATE ${currentTime}`);
  if (/auto_increment/.test(declaredType(table, name, types))) parts.push("AUTO_INCREMENT");
  return parts.join(" ");
}

/** Unique keys by the names that the original gives them. */
export const uniqueKeys = ({ unique = [] }: Table): Record<string, readonly string[]> =>
  Object.fromEntries(unique.map((columns) => [columns.join("-"), columns]));

export function foreignKeyDefinition({ columns, table, references, onDelete }: ForeignKey): string {
  const action = onDelete === "restrict" ? "" : ` ON DELETE ${onDelete} ON UPDATE ${onDelete}`;
  return `FOREIGN KEY (${columnList(columns)}) REFERENCES ${mysql.quote(table)} (${columnList(references)})${action}`;
}

/** Of every table; names and keys compare without case. (storage 6.1) */
export const tableOptions = "ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci";

/** The statement that creates a table of the original where it is missing. (storage 6.2) */
export function createTable(table: Table, types: Types): string {
  const lines = [
    ...table.columns.map((name) => columnDefinition(table, name, types)),
    `PRIMARY KEY (${columnList(table.primaryKey)})`,
    ...Object.entries(uniqueKeys(table)).map(([name, list]) => `UNIQUE KEY ${mysql.quote(name)} (${columnList(list)})`),
    ...Object.entries(originalIndexes[table.name] ?? {}).map(
      ([name, list]) => `KEY ${mysql.quote(name)} (${columnList(list)})`,
    ),
    ...(table.foreignKeys ?? []).map(foreignKeyDefinition),
  ];
  return `CREATE TABLE IF NOT EXISTS ${mysql.quote(table.name)} (\n  ${lines.join(",\n  ")}\n) ${tableOptions}`;
}
