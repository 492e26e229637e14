import type { Column } from "../layout.ts";
import { currentTime, type ForeignKey, type Table } from "../tables.ts";
import {
  columnDefinition,
  columnList,
  columnType,
  foreignKeyDefinition,
  isNullable,
  type Types,
  uniqueKeys,
} from "./create-table.ts";
import type { ExistingColumn, ExistingForeignKey, ExistingTable } from "./existing-schema.ts";
import { mysql } from "./mysql-dialect.ts";
import { originalIndexes } from "./original-indexes.ts";

/*
 * What makes a table of an older version like one of today: changes for ALTER TABLE, nothing where it is alike.
 */

const same = (a: readonly string[], b: readonly string[]) => a.join() === b.join();

/** Without the widths that MariaDB shows for numbers; that of tinyint(1) means nothing either. */
const plainType = (type: string) => type.toLowerCase().replace(/^(\w*int)\(\d+\).*/, "$1");

/** Characters that a type holds, null for other types. */
const textLength = (type: string) => Number(/^varchar\((\d+)\)/i.exec(type)?.[1] ?? 0) || null;

/** A value that the configuration allows must not be refused; one that is stored must not be cut. */
function isOtherType(existing: string, wanted: string): boolean {
  const [is, should] = [textLength(existing), textLength(wanted)];
  if (is !== null && should !== null) return is < should;
  return plainType(existing) !== plainType(wanted);
}

const bare = (literal: string) => literal.replace(/^'(.*)'$/s, "$1");

function isOther(table: Table, name: string, existing: ExistingColumn, types: Types): boolean {
  const initial = table.defaults?.[name];
  // Times of databases of 4.2 may be null, and the original leaves them so.
  if (initial === currentTime) return false;
  return (
    isOtherType(existing.type, columnType(table, name, types)) ||
    existing.nullable !== isNullable(table, name) ||
    existing.initial !== (initial === undefined ? null : bare(initial))
  );
}

/** Columns that are missing or cannot keep what they should. */
export function columnChanges(
  table: Table,
  existing: ExistingTable,
  types: ReadonlyMap<string, Column> | undefined,
): string[] {
  return table.columns.flatMap((name) => {
    const column = existing.columns.get(name);
    if (!column) return [`ADD COLUMN ${columnDefinition(table, name, types)}`];
    return isOther(table, name, column, types) ? [`MODIFY COLUMN ${columnDefinition(table, name, types)}`] : [];
  });
}

/** The column that numbers the rows of a table whose rows have another key today. */
export function surrogateKey(table: Table, existing: ExistingTable): string | null {
  const key = existing.indexes.get("PRIMARY")?.columns ?? [];
  return key.find((name) => existing.columns.get(name)?.autoIncrement && !table.columns.includes(name)) ?? null;
}

function keyChanges(table: Table, existing: ExistingTable): string[] {
  const old = existing.indexes.get("PRIMARY");
  if (old && same(old.columns, table.primaryKey)) return [];
  const surrogate = surrogateKey(table, existing);
  return [
    ...(surrogate === null ? [] : [`DROP COLUMN ${mysql.quote(surrogate)}`]),
    ...(old ? ["DROP PRIMARY KEY"] : []),
    `ADD PRIMARY KEY (${columnList(table.primaryKey)})`,
  ];
}

function indexChanges(table: Table, existing: ExistingTable): string[] {
  // The primary key may be another one in a moment.
  const indexes = [...existing.indexes].flatMap(([name, index]) => (name === "PRIMARY" ? [] : [index]));
  const uniques = Object.entries(uniqueKeys(table)).flatMap(([name, columns]) =>
    indexes.some((index) => index.unique && same(index.columns, columns))
      ? []
      : [`ADD UNIQUE KEY ${mysql.quote(name)} (${columnList(columns)})`],
  );
  const others = Object.entries(originalIndexes[table.name] ?? {}).flatMap(([name, columns]) => {
    if (indexes.some((index) => same(index.columns, columns))) return [];
    const drop = existing.indexes.has(name) ? [`DROP KEY ${mysql.quote(name)}`] : [];
    return [...drop, `ADD KEY ${mysql.quote(name)} (${columnList(columns)})`];
  });
  return [...uniques, ...others];
}

/** Changes of everything but foreign keys. */
export const tableChanges = (table: Table, existing: ExistingTable, types: Types): string[] => [
  ...keyChanges(table, existing),
  ...columnChanges(table, existing, types),
  ...indexChanges(table, existing),
];

const accepted = /^(utf8|utf8mb3|utf8mb4)_general_ci$/;

/** Storage and character set. (storage 6.1) */
export function optionChanges({ engine, collation }: ExistingTable): string[] {
  return [
    ...(engine === "InnoDB" ? [] : ["ENGINE = InnoDB"]),
    ...(accepted.test(collation) ? [] : ["CONVERT TO CHARACTER SET utf8 COLLATE utf8_general_ci"]),
  ];
}

function isWanted(existing: ExistingForeignKey, { columns, table, references, onDelete }: ForeignKey): boolean {
  const rule = onDelete.toUpperCase();
  const isRule = (actual: string) => actual === rule || (rule === "RESTRICT" && actual === "NO ACTION");
  const isSame = existing.table === table && same(existing.columns, columns) && same(existing.references, references);
  return isSame && isRule(existing.onDelete) && isRule(existing.onUpdate);
}

/** Foreign keys that are not there today, or have other rules. */
export function foreignKeysToDrop({ foreignKeys = [] }: Table, existing: ExistingTable): string[] {
  return [...existing.foreignKeys].flatMap(([name, key]) =>
    foreignKeys.some((wanted) => isWanted(key, wanted)) ? [] : [`DROP FOREIGN KEY ${mysql.quote(name)}`],
  );
}

export function foreignKeysToAdd({ foreignKeys = [] }: Table, existing: ExistingTable): ForeignKey[] {
  const keys = [...existing.foreignKeys.values()];
  return foreignKeys.filter((wanted) => !keys.some((key) => isWanted(key, wanted)));
}

export const addForeignKey = (key: ForeignKey) => `ADD ${foreignKeyDefinition(key)}`;
