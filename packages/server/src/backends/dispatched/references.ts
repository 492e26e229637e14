import { type Family, families, familyOf, type OpsiObject } from "@opsi-ts/model";
import { lookups } from "../sql/cascades.ts";
import { layoutOf } from "../sql/layout.ts";
import { type ForeignKey, tableNamed } from "../sql/tables.ts";

const familyOfTable = new Map(families.map((family) => [family.base.table, family]));

/** What must be there for an object; bound licenses may lose their host. */
const isMandatory = ({ onDelete }: ForeignKey) => onDelete !== "set null";

const foreignKeys = ({ base }: Family) => tableNamed.get(base.table)?.foreignKeys ?? [];

/** The families that objects of a prefix refer to: by a foreign key, or by what goes when something is deleted. */
function referencesOf(prefix: string): readonly Family[] {
  const family = families.find((each) => each.prefix === prefix);
  if (!family) return [familyOf("host")]; // hardware
  const tables = [...foreignKeys(family).map(({ table }) => table), ...(lookups[family.base.table] ?? [])];
  return [...new Set(tables)].map((table) => familyOfTable.get(table)).filter((found) => found !== undefined);
}

/**
 * Families that a storage keeps no objects of but must know, as some of its own refer to them; each after those that
 * it refers to itself.
 *
 * @param kept prefixes of its own objects
 */
export function foreignFamilies(kept: ReadonlySet<string>): Family[] {
  const found = new Set<Family>();
  const visit = (prefix: string) => {
    for (const reference of referencesOf(prefix)) {
      if (kept.has(reference.prefix) || found.has(reference)) continue;
      visit(reference.prefix);
      found.add(reference);
    }
  };
  for (const prefix of kept) visit(prefix);
  return [...found];
}

/** The attributes of a key: those by which others refer to an object, and those by which it needs others itself. */
export function keyAttributes(family: Family): readonly string[] {
  const { columns, identColumns } = layoutOf(family);
  const needed = new Set(
    foreignKeys(family)
      .filter(isMandatory)
      .flatMap((key) => key.columns),
  );
  const others = [...columns.values()].filter(({ column, ident }) => !ident && needed.has(column));
  return [...identColumns, ...others].map(({ attribute }) => attribute);
}

/** What an update may change of a key. */
export const hasChangeableKey = (family: Family): boolean =>
  keyAttributes(family).length > layoutOf(family).identColumns.length;

/** An object of which only the key is known. */
export function keyOf(family: Family, object: OpsiObject): OpsiObject {
  return { type: object.type, ...Object.fromEntries(keyAttributes(family).map((name) => [name, object[name]])) };
}

/**
 * What makes a text of an object that is equal for those with the same primary key: databases compare without case and
 * without blanks at the end.
 */
export function keyTextOf(family: Family): (object: OpsiObject) => string {
  const { table, columns } = layoutOf(family);
  const attributes = new Map([...columns.values()].map(({ column, attribute }) => [column, attribute]));
  const names = table.primaryKey.map((column) => attributes.get(column) ?? column);
  return (object) => JSON.stringify(names.map((name) => String(object[name]).trimEnd().toLowerCase()));
}
