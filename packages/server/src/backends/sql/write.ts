import { isSubtype, type ObjectType, OpsiError, type OpsiObject, objectTypes, setDefaults } from "@opsi-ts/model";
import type { Ident, WriteMode } from "../storage.ts";
import type { Dialect } from "./dialect.ts";
import { type Fragment, join, type Parameter, raw, sql } from "./fragment.ts";
import type { Column, Layout } from "./layout.ts";
import { encodeValues } from "./python-json.ts";

/** The statements of one written object. `values` run when `main` met a row. */
export interface Write {
  readonly main: Fragment;
  readonly values: readonly Fragment[];
}

function stored(column: Column, value: unknown, dialect: Dialect): Parameter {
  if (value === null || value === undefined) return null;
  if (column.emptyIsNull && value === "") return null;
  switch (column.kind) {
    case "boolean":
      return value ? 1 : 0;
    case "list":
      return fittingText(column, encodeValues(value as readonly unknown[]), dialect);
    case "timestamp":
      return storableTimestamp(String(value));
    default:
      if (typeof value === "string") return fittingText(column, value, dialect);
      return fittingNumber(column, typeof value === "boolean" ? Number(value) : (value as number | bigint), dialect);
  }
}

/** What would become another number is refused. */
function fittingNumber({ attribute, definition }: Column, value: number | bigint, dialect: Dialect): Parameter {
  const nearest = dialect.storable(value, definition.sql ?? "");
  if (nearest === value) return value;
  throw new OpsiError(
    "BackendBadValueError",
    `Value of '${attribute}' is out of range: ${value}, the nearest that is possible is ${nearest}`,
    { field: attribute },
  );
}

/** The original's database cuts silently; a cut id or key is lost data, so we refuse. */
function fittingText(column: Column, value: string, dialect: Dialect): Parameter {
  checkLength(column, value);
  checkCharacters(column.attribute, value, dialect);
  const { longestText } = dialect;
  if (longestText === null || value.length * 3 <= longestText || !isLongText(column)) return dialect.storable(value);
  // The history of a package is for reading only, and a long one must not keep it from being installed.
  if (column.attribute === "changelog") return dialect.storable(firstBytes(value, longestText));
  if (Buffer.byteLength(value) > longestText)
    throw tooLong(column.attribute, Buffer.byteLength(value), "bytes", longestText);
  return dialect.storable(value);
}

export const isLongText = ({ definition }: Column) => definition.sql?.startsWith("text") ?? false;

/** As many whole characters as fit. */
export function firstBytes(text: string, length: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(length));
  return text.slice(0, read);
}

function checkLength({ attribute, length }: Column, value: string): void {
  if (length === undefined || value.length <= length || [...value].length <= length) return;
  throw tooLong(attribute, [...value].length, "characters", length);
}

/** @throws BackendBadValueError for a character that no text of the database can have */
export function checkCharacters(attribute: string, value: Parameter, { holdsNul }: Dialect): void {
  if (holdsNul || typeof value !== "string" || !value.includes("\0")) return;
  throw new OpsiError(
    "BackendBadValueError",
    `Value of '${attribute}' has the character NUL, which the database cannot hold`,
    { field: attribute },
  );
}

const tooLong = (attribute: string, length: number, unit: string, limit: number) =>
  new OpsiError(
    "BackendBadValueError",
    `Value of '${attribute}' is too long: ${length} ${unit}, at most ${limit} are possible`,
    { field: attribute },
  );

/** Impossible dates and times are stored as the zero timestamp, which reads back as null. (storage 6.3) */
export function storableTimestamp(text: string): string {
  const time = new Date(`${text.replace(" ", "T")}Z`);
  const possible = !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 19).replace("T", " ") === text;
  return possible && text > "1970-01-01 00:00:00" && text <= "2038-01-19 03:14:07" ? text : "0000-00-00 00:00:00";
}

const abstractNames = new Set(["Host", "Config", "Product", "Group", "ProductProperty"]);

function columnsToWrite(
  layout: Layout,
  type: ObjectType,
  object: OpsiObject,
  all: boolean,
  dialect: Dialect,
): [string, Parameter][] {
  const pairs: [string, Parameter][] = [];
  for (const name of Object.keys(type.attributes)) {
    const column = layout.columns.get(name);
    const value = object[name];
    if (column && (all || (value !== null && value !== undefined))) {
      pairs.push([column.column, stored(column, value, dialect)]);
    }
  }
  if (layout.typeColumn && !abstractNames.has(object.type)) pairs.push(["type", object.type]);
  return pairs;
}

/**
 * `modificationTime` follows every change that does not set it. (objects 2.12) Stands before the other assignments:
 * MySQL makes them one after the other. The original leaves it to a column that databases of 4.2 do not have.
 */
function touch(layout: Layout, changed: readonly (readonly [string, Fragment])[], dialect: Dialect): Fragment[] {
  const { touched, name } = layout.table;
  if (touched === undefined || changed.some(([column]) => column === touched)) return [];
  const table = dialect.quote(name);
  const differs = changed.map(
    ([column, value]) => sql`NOT (${dialect.same(raw(`${table}.${dialect.quote(column)}`), value)})`,
  );
  const now = raw(dialect.now);
  const column = raw(dialect.quote(touched));
  return [sql`${column} = CASE WHEN ${join(differs, " OR ")} THEN ${now} ELSE ${raw(`${table}.`)}${column} END`];
}

function upsert(layout: Layout, pairs: readonly [string, Parameter][], dialect: Dialect): Fragment {
  const { name, implicitDefaults = {} } = layout.table;
  const missing = Object.entries(implicitDefaults).filter(([column]) => !pairs.some(([given]) => given === column));
  const names = [...pairs, ...missing].map(([column]) => dialect.quote(column));
  const changed = pairs.map(([column]): [string, Fragment] => [column, raw(dialect.inserted(column))]);
  const assignments = changed.map(([column, value]) => sql`${raw(dialect.quote(column))} = ${value}`);
  const set = join([...touch(layout, changed, dialect), ...assignments], ", ");
  const bound = join([...pairs.map(([, value]) => sql`${value}`), ...missing.map(([, value]) => raw(value))], ", ");
  const conflict = raw(dialect.onConflict(conflictTarget(layout)));
  return sql`INSERT INTO ${raw(dialect.quote(name))} (${raw(names.join(", "))}) VALUES (${bound}) ${conflict} ${set}`;
}

/**
 * The original's database overwrites whatever row is in the way. For a product that became another type this is right:
 * the row is the same but for a part of its key. A host must not swallow another one that has the same UUID.
 */
function conflictTarget({ table: { unique = [], primaryKey } }: Layout): readonly string[] {
  return unique.find((columns) => columns.every((column) => primaryKey.includes(column))) ?? primaryKey;
}

function identCondition(layout: Layout, ident: Ident, dialect: Dialect): Fragment {
  const parts = layout.identColumns.map((column) => {
    const value = ident[column.attribute];
    if (value === null || value === undefined) {
      throw new OpsiError("ValueError", `No value for ident attribute '${column.attribute}'`, {
        field: column.attribute,
      });
    }
    return sql`${raw(dialect.quote(column.column))} = ${String(value)}`;
  });
  return join(parts, " AND ");
}

function update(layout: Layout, object: OpsiObject, pairs: readonly [string, Parameter][], dialect: Dialect): Fragment {
  const changed = pairs.map(([column, value]): [string, Fragment] => [column, sql`${value}`]);
  const assignments = changed.map(([column, value]) => sql`${raw(dialect.quote(column))} = ${value}`);
  const set = join([...touch(layout, changed, dialect), ...assignments], ", ");
  return sql`UPDATE ${raw(dialect.quote(layout.table.name))} SET ${set} WHERE ${identCondition(layout, object, dialect)}`;
}

function valueRows(layout: Layout, object: OpsiObject): readonly Record<string, Parameter>[] {
  if (layout.values?.kind === "productIds") {
    return ((object["productIds"] as readonly string[] | null) ?? []).map((productId) => ({ productId }));
  }
  const text = (value: unknown) => (typeof value === "boolean" ? (value ? "1" : "0") : (value as string));
  const defaults = new Set(((object["defaultValues"] as readonly unknown[] | null) ?? []).map(text));
  const possible = ((object["possibleValues"] as readonly unknown[] | null) ?? []).map(text);
  return possible.map((value) => ({ value, isDefault: defaults.has(value) ? 1 : 0 }));
}

/** Value lists are replaced by every write, also by an update that does not name them. (objects 4.1) */
function valueWrites(layout: Layout, object: OpsiObject, dialect: Dialect): Fragment[] {
  if (!layout.values) return [];
  const { table, key } = layout.values;
  const name = raw(dialect.quote(table.name));
  const keyValues = layout.identColumns
    .filter(({ column }) => key.includes(column))
    .map((column): [string, Parameter] => [column.column, stored(column, object[column.attribute], dialect)]);
  const tied = join(
    keyValues.map(([column, value]) => sql`${raw(dialect.quote(column))} = ${value}`),
    " AND ",
  );
  const rows = valueRows(layout, object).map((row) => {
    const pairs = [...keyValues, ...Object.entries(row)];
    for (const [column, value] of pairs) checkCharacters(column, value, dialect);
    const names = raw(pairs.map(([column]) => dialect.quote(column)).join(", "));
    return sql`INSERT INTO ${name} (${names}) VALUES (${join(
      pairs.map(([, value]) => sql`${dialect.storable(value)}`),
      ", ",
    )})`;
  });
  return [sql`DELETE FROM ${name} WHERE ${tied}`, ...rows];
}

/**
 * The statements that write one object.
 *
 * @throws BackendBadValueError for a text that is longer than its column
 * @see objects 4.1, storage 6.4
 */
export function writeObject(layout: Layout, given: OpsiObject, mode: WriteMode, dialect: Dialect): Write {
  const object = mode === "insert" ? setDefaults(given) : given;
  const type = objectTypes.get(object.type);
  if (!type || !isSubtype(object.type, layout.family.base.name)) {
    throw new Error(`${object.type} is not stored in ${layout.table.name}`);
  }
  const pairs = columnsToWrite(layout, type, object, mode === "insert", dialect);
  const main = mode === "update" ? update(layout, object, pairs, dialect) : upsert(layout, pairs, dialect);
  return { main, values: valueWrites(layout, object, dialect) };
}

/** @throws ValueError where an ident attribute has no value */
export function deleteObject(layout: Layout, ident: Ident, dialect: Dialect): Fragment {
  return sql`DELETE FROM ${raw(dialect.quote(layout.table.name))} WHERE ${identCondition(layout, ident, dialect)}`;
}
