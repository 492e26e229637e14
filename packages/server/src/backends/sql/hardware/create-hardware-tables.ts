import type { SchemaDialect } from "../dialect.ts";
import { columnDefinition, createTable } from "../schema.ts";
import type { Table } from "../tables.ts";
import type { HardwareLayout } from "./hardware-layout.ts";

/** Columns that a table of an earlier configuration has; none where it does not exist. */
export type ExistingColumns = (table: string) => ReadonlySet<string>;

function addColumns(table: Table, existing: ReadonlySet<string>, dialect: SchemaDialect): string[] {
  if (existing.size === 0) return [];
  const missing = table.columns.filter((name) => !existing.has(name));
  return missing.map((name) => {
    const definition = columnDefinition(table, name, undefined, dialect);
    return `ALTER TABLE ${dialect.quote(table.name)} ADD COLUMN ${definition}`;
  });
}

/**
 * The statements that make the tables fit the configured classes. Nothing is ever dropped: an attribute that was
 * taken out of the configuration keeps its column and its values.
 *
 * @see storage 6.5
 */
export function createHardwareTables(
  layouts: ReadonlyMap<string, HardwareLayout>,
  existing: ExistingColumns,
  dialect: SchemaDialect,
): string[] {
  return [...layouts.values()].flatMap(({ device, piece }) =>
    [device, piece].flatMap((table) => [
      ...addColumns(table, existing(table.name), dialect),
      ...createTable(table, undefined, dialect),
    ]),
  );
}
