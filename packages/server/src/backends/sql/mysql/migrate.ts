import type { HardwareLayout } from "../hardware/hardware-layout.ts";
import type { Connection } from "../remote/connection.ts";
import { columnsByTable } from "../schema.ts";
import { currentTime, type Table, tables } from "../tables.ts";
import { createTable, isNullable } from "./create-table.ts";
import { type ExistingTable, readSchema } from "./existing-schema.ts";
import {
  addForeignKey,
  foreignKeysToAdd,
  foreignKeysToDrop,
  optionChanges,
  surrogateKey,
  tableChanges,
} from "./fit-table.ts";
import { mysql } from "./mysql-dialect.ts";
import { removeOrphans } from "./remove-orphans.ts";

const allTables = (hardware: readonly HardwareLayout[]) => [
  ...tables,
  ...hardware.flatMap(({ device, piece }) => [device, piece]),
];

/**
 * Makes a database of an older version, or one with nothing in it, one of today but for its foreign keys. Each step
 * looks at what there is and changes what is different: after an interruption the next start goes on. The database
 * commits every change of a table by itself.
 *
 * @see storage 6.2, 6.6
 */
export async function migrate(connection: Connection, hardware: readonly HardwareLayout[]): Promise<void> {
  const pieces = hardware.map(({ piece }) => piece);
  await eachExisting(connection, allTables(hardware), foreignKeysToDrop);
  await eachExisting(connection, allTables(hardware), (_table, existing) => optionChanges(existing));
  const types = columnsByTable();
  for (const table of tables) await connection.execute(createTable(table, types.get(table.name)));
  await repairRows(connection, pieces);
  await eachExisting(connection, tables, (table, existing) => tableChanges(table, existing, types.get(table.name)));
}

/** Alters the tables for which there are changes. */
async function eachExisting(
  connection: Connection,
  wanted: readonly Table[],
  changes: (table: Table, existing: ExistingTable) => readonly string[],
): Promise<void> {
  const schema = await readSchema(connection);
  for (const table of wanted) {
    const existing = schema.get(table.name);
    const list = existing ? changes(table, existing) : [];
    if (list.length > 0) await connection.execute(`ALTER TABLE ${mysql.quote(table.name)} ${list.join(", ")}`);
  }
}

/** Rows that today's tables do not take. */
async function repairRows(connection: Connection, pieces: readonly Table[]): Promise<void> {
  const schema = await readSchema(connection);
  const repairs = tables.flatMap((table) => {
    const existing = schema.get(table.name);
    return existing ? [...nulls(table, existing), ...duplicates(table, existing)] : [];
  });
  const licenseRequired = schema.get("PRODUCT")?.columns.get("licenseRequired")?.type ?? "";
  if (licenseRequired.startsWith("varchar")) {
    repairs.push(
      `UPDATE "PRODUCT" SET "licenseRequired" = CASE WHEN "licenseRequired" IN ('1', 'true', 'yes', 'on') THEN '1' ELSE '0' END`,
    );
  }
  for (const { name } of pieces) {
    // What 4.1 kept of hardware that is not there any more
    if (schema.has(name)) repairs.push(`DELETE FROM ${mysql.quote(name)} WHERE "state" <> 1`);
  }
  for (const statement of repairs) await connection.execute(statement);
}

/** Null in columns that must have a value becomes the default; a row without a part of its key is none. */
function nulls(table: Table, existing: ExistingTable): string[] {
  const name = mysql.quote(table.name);
  return table.columns.flatMap((column) => {
    if (!existing.columns.get(column)?.nullable || isNullable(table, column)) return [];
    const initial = table.defaults?.[column] ?? table.implicitDefaults?.[column];
    const isNull = `${mysql.quote(column)} IS NULL`;
    if (table.primaryKey.includes(column)) return [`DELETE FROM ${name} WHERE ${isNull}`];
    if (initial === undefined || initial === currentTime) return [];
    return [`UPDATE ${name} SET ${mysql.quote(column)} = ${initial} WHERE ${isNull}`];
  });
}

/** Of rows that have the same key today, the one that came first stays. */
function duplicates(table: Table, existing: ExistingTable): string[] {
  const number = surrogateKey(table, existing);
  if (number === null) return [];
  const name = mysql.quote(table.name);
  const equal = table.primaryKey.map((column) => `a.${mysql.quote(column)} = b.${mysql.quote(column)}`);
  const later = `a.${mysql.quote(number)} > b.${mysql.quote(number)}`;
  return [`DELETE a FROM ${name} a JOIN ${name} b ON ${[...equal, later].join(" AND ")}`];
}

/**
 * Adds the foreign keys that are missing; rows that refer to nothing go. The original removes the software of all
 * clients when it is an orphan at one of them; here only the orphan goes.
 */
export async function addForeignKeys(connection: Connection, hardware: readonly HardwareLayout[]): Promise<void> {
  const schema = await readSchema(connection);
  for (const table of allTables(hardware)) {
    const existing = schema.get(table.name);
    const keys = existing ? foreignKeysToAdd(table, existing) : [];
    for (const key of keys) await connection.execute(removeOrphans(table, key));
    const changes = keys.map(addForeignKey).join(", ");
    if (changes !== "") await connection.execute(`ALTER TABLE ${mysql.quote(table.name)} ${changes}`);
  }
}
