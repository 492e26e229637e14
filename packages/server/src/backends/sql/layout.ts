import type { Attribute, Family } from "@opsi-ts/model";
import { type Table, tableNamed } from "./tables.ts";

/** How a column's values are kept and shown. */
export type ColumnKind = "text" | "name" | "number" | "boolean" | "timestamp" | "list";

export interface Column {
  readonly attribute: string;
  readonly column: string;
  readonly kind: ColumnKind;
  readonly ident: boolean;
  readonly emptyIsNull: boolean;
  /** Characters that the column holds; undefined where the type sets no limit. */
  readonly length: number | undefined;
  readonly definition: Attribute;
}

/** The rows that hold the value lists of a Config or ProductProperty, or the product ids of a LicensePool. */
export interface ValueTable {
  readonly table: Table;
  /** Columns that tie a row to its object; they have the same names in both tables. */
  readonly key: readonly string[];
  readonly kind: "values" | "productIds";
}

/** Where the objects of a family are stored. */
export interface Layout {
  readonly family: Family;
  readonly table: Table;
  /** By attribute name; the same attribute of several subtypes has one column. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly identColumns: readonly Column[];
  readonly typeColumn: boolean;
  readonly values: ValueTable | null;
}

const valueTables: Record<string, ValueTable["kind"] & string> = {
  CONFIG_VALUE: "values",
  PRODUCT_PROPERTY_VALUE: "values",
  PRODUCT_ID_TO_LICENSE_POOL: "productIds",
};

const valueTableOf: Record<string, string> = {
  CONFIG: "CONFIG_VALUE",
  PRODUCT_PROPERTY: "PRODUCT_PROPERTY_VALUE",
  LICENSE_POOL: "PRODUCT_ID_TO_LICENSE_POOL",
};

/** Free text may hold anything in any script; names are what the rules of objects 1.3 let through. */
const freeText = new Set([
  "string",
  "lines",
  "filename",
  "optionalFilename",
  "actionProgress",
  "stringLower",
  "optionalStringLower",
  "any",
]);

function kindOf({ rule, sql }: Attribute): ColumnKind {
  if (sql?.startsWith("timestamp")) return "timestamp";
  if (rule.control === "boolean") return "boolean";
  if (rule.control === "list") return "list";
  if (sql !== null && /int|double/.test(sql)) return "number";
  return freeText.has(rule.name) ? "text" : "name";
}

function columnOf(attribute: string, definition: Attribute): Column {
  const length = /^varchar\((\d+)\)/.exec(definition.sql ?? "")?.[1];
  return {
    attribute,
    column: definition.column ?? attribute,
    kind: kindOf(definition),
    ident: definition.ident === true,
    emptyIsNull: definition.emptyIsNull === true,
    length: length === undefined ? undefined : Number(length),
    definition,
  };
}

function layout(family: Family): Layout {
  const table = tableNamed.get(family.base.table);
  if (!table) throw new Error(`No table ${family.base.table} for ${family.prefix}`);
  const columns = new Map<string, Column>();
  for (const type of [family.base, ...family.types]) {
    for (const [name, definition] of Object.entries(type.attributes)) {
      if (definition.sql !== null && !columns.has(name)) columns.set(name, columnOf(name, definition));
    }
  }
  const valueTable = tableNamed.get(valueTableOf[table.name] ?? "");
  return {
    family,
    table,
    columns,
    identColumns: [...columns.values()].filter(({ ident }) => ident),
    typeColumn: family.base.typeColumn,
    values: valueTable
      ? { table: valueTable, key: table.primaryKey, kind: valueTables[valueTable.name] ?? "values" }
      : null,
  };
}

const layouts = new WeakMap<Family, Layout>();

/** The storage of a family, worked out once. */
export function layoutOf(family: Family): Layout {
  let found = layouts.get(family);
  if (!found) {
    found = layout(family);
    layouts.set(family, found);
  }
  return found;
}
