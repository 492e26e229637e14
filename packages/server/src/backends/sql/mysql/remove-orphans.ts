import type { ForeignKey, Table } from "../tables.ts";
import { mysql } from "./mysql-dialect.ts";

/** The statement that removes rows, or references, to which the other row is missing. */
export function removeOrphans(table: Table, { columns, table: parent, references, onDelete }: ForeignKey): string {
  const pairs = columns.map((column, index) => `c.${mysql.quote(column)} = p.${mysql.quote(references[index] ?? "")}`);
  const join = `${mysql.quote(table.name)} c LEFT JOIN ${mysql.quote(parent)} p ON ${pairs.join(" AND ")}`;
  const isOrphan = `p.${mysql.quote(references[0] ?? "")} IS NULL AND c.${mysql.quote(columns[0] ?? "")} IS NOT NULL`;
  return onDelete === "set null"
    ? `UPDATE ${join} SET c.${mysql.quote(columns[0] ?? "")} = NULL WHERE ${isOrphan}`
    : `DELETE c FROM ${join} WHERE ${isOrphan}`;
}
