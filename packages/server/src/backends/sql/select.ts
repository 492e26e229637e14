import type { ObjectType } from "@opsi-ts/model";
import type { Query, Restriction } from "../storage.ts";
import { type Dialect, literal } from "./dialect.ts";
import { compileFilter } from "./filter.ts";
import { empty, type Fragment, join, raw, sql } from "./fragment.ts";
import type { Column, Layout } from "./layout.ts";

/** Objects as getObjects returns them, or hashes without ident as getHashes does. (objects 3.2) */
export type Form = "object" | "hash";

/** A statement that yields the JSON of one object a row in column `json`, and the row's number in column `row`. */
export interface SelectObjects {
  readonly statement: Fragment;
  /** The same rows as one JSON array. */
  readonly array: Fragment;
  /** Whether an index leads to few rows: the read may then stay on the thread that serves requests. */
  readonly selective: boolean;
}

function columnExpression(column: Column, dialect: Dialect): string {
  const name = `o.${dialect.quote(column.column)}`;
  switch (column.kind) {
    case "boolean":
      return dialect.jsonBoolean(name);
    case "list":
      return dialect.jsonText(name);
    case "timestamp":
      return `nullif(${name}, '0000-00-00 00:00:00')`;
    default:
      return name;
  }
}

/** What an attribute that was not read shows: the default of the class's constructor. (objects 5.2) */
function absentExpression(type: ObjectType, attribute: string, dialect: Dialect): string {
  return constantExpression(type.attributes[attribute]?.absent, dialect);
}

function constantExpression(absent: unknown, dialect: Dialect): string {
  if (absent === undefined || absent === null) return "NULL";
  if (typeof absent === "boolean") return dialect.jsonBoolean(absent ? "1" : "0");
  if (typeof absent === "number") return String(absent);
  if (typeof absent === "string") return literal(absent);
  return dialect.jsonText(literal(JSON.stringify(absent)));
}

function valueListExpression(
  layout: Layout,
  type: ObjectType,
  attribute: string,
  conditions: readonly Fragment[],
  dialect: Dialect,
): Fragment | null {
  const { values } = layout;
  if (!values) return null;
  const bool = type.name.startsWith("Bool");
  const column = values.kind === "productIds" ? "productId" : "value";
  const table = dialect.quote(values.table.name);
  const tied = values.key.map((name) => raw(`${table}.${dialect.quote(name)} = o.${dialect.quote(name)}`));
  const where = [...tied, ...conditions];
  if (attribute === "defaultValues") where.push(raw(`${table}.${dialect.quote("isDefault")} = 1`));
  else if (attribute === "possibleValues") {
    if (bool) return raw(dialect.jsonText("'[false,true]'"));
  } else if (attribute !== "productIds") return null;
  const from = sql`FROM ${raw(table)} WHERE ${join(where, " AND ")}`;
  const name = `${table}.${dialect.quote(column)}`;
  return bool ? dialect.jsonBooleans(name, from) : dialect.jsonStrings(name, from);
}

/** More than one default value says that several are possible, whatever was asked for. (objects 2.6) */
function severalDefaults({ values }: Layout, dialect: Dialect): Fragment {
  if (!values) return raw("NULL");
  const table = dialect.quote(values.table.name);
  const tied = values.key.map((name) => `${table}.${dialect.quote(name)} = o.${dialect.quote(name)}`).join(" AND ");
  const count = `(SELECT count(*) FROM ${table} WHERE ${tied} AND ${table}.${dialect.quote("isDefault")} = 1)`;
  return raw(`CASE WHEN ${count} > 1 THEN ${dialect.jsonBoolean("1")} END`);
}

function identExpression(layout: Layout, dialect: Dialect): string {
  return layout.identColumns.map(({ column }) => `coalesce(o.${dialect.quote(column)}, '')`).join(" || ';' || ");
}

function objectExpression(
  layout: Layout,
  type: ObjectType,
  query: Query,
  valueConditions: readonly Fragment[],
  form: Form,
  dialect: Dialect,
): Fragment {
  const { attributes = [], restriction } = query;
  const selected = attributes.length > 0 ? new Set(attributes) : null;
  const pairs = Object.keys(type.attributes).map((attribute): [string, Fragment] => {
    const valueList = valueListExpression(layout, type, attribute, valueConditions, dialect);
    if (valueList) return [attribute, valueList];
    const { fixed } = type.attributes[attribute] ?? {};
    if (fixed) return [attribute, raw(constantExpression(fixed(), dialect))];
    const column = layout.columns.get(attribute);
    // What the constructor does not take is lost when the object is made of the row.
    const read =
      column &&
      type.parameters.includes(attribute) &&
      (selected === null || selected.has(attribute) || column.ident) &&
      !restriction?.hidden.has(attribute);
    if (!read && attribute === "multiValue") return [attribute, severalDefaults(layout, dialect)];
    if (!read) return [attribute, raw(absentExpression(type, attribute, dialect))];
    const expression = columnExpression(column, dialect);
    return [
      attribute,
      raw(restriction?.ownOnly.has(attribute) ? `CASE WHEN o.own THEN ${expression} END` : expression),
    ];
  });
  pairs.push(["type", raw(literal(type.name))]);
  if (form === "object") pairs.push(["ident", raw(identExpression(layout, dialect))]);
  return dialect.jsonObject(pairs);
}

function perType(layout: Layout, object: (type: ObjectType) => Fragment, dialect: Dialect): Fragment {
  const { base, types } = layout.family;
  const concrete = types.filter(({ name }) => name !== base.name);
  if (!layout.typeColumn || concrete.length === 0) return object(base);
  const branches = concrete.map((type) => sql`WHEN ${raw(literal(type.name))} THEN ${object(type)}`);
  return sql`CASE o.${raw(dialect.quote("type"))} ${join(branches, " ")} ELSE ${object(base)} END`;
}

/** Rows of the table that a query means, with `own` where the restriction needs it, as relation `o`. */
function rows(layout: Layout, query: Query, dialect: Dialect): { from: Fragment; values: readonly Fragment[] } {
  const table = raw(dialect.quote(layout.table.name));
  const { own: conditions, values } = compileFilter(layout, query.filter ?? {}, layout.values !== null, dialect);
  const where = [...conditions];
  if (values.length > 0 && layout.values) {
    const valueTable = dialect.quote(layout.values.table.name);
    const tied = layout.values.key.map((name) =>
      raw(`${valueTable}.${dialect.quote(name)} = ${table.text}.${dialect.quote(name)}`),
    );
    where.push(sql`EXISTS (SELECT 1 FROM ${raw(valueTable)} WHERE ${join([...tied, ...values], " AND ")})`);
  }
  where.push(...ownRows(layout, query, dialect));
  const { restriction } = query;
  const own =
    restriction && restriction.ownOnly.size > 0
      ? sql`, ${ownerColumn(layout, restriction, dialect)} = ${restriction.hostId} AS own`
      : empty;
  const filter = where.length > 0 ? sql` WHERE ${join(where, " AND ")}` : empty;
  return { from: sql`(SELECT ${table}.*, ${table}.rowid AS "row"${own} FROM ${table}${filter}) AS o`, values };
}

function ownerColumn(layout: Layout, { owner }: Restriction, dialect: Dialect): Fragment {
  const column = layout.columns.get(owner)?.column;
  if (!column) throw new Error(`No client id attribute defined for table ${layout.table.name}`);
  return raw(`${dialect.quote(layout.table.name)}.${dialect.quote(column)}`);
}

function ownRows(layout: Layout, { restriction }: Query, dialect: Dialect): Fragment[] {
  if (restriction?.rows !== "own") return [];
  return [sql`${ownerColumn(layout, restriction, dialect)} = ${restriction.hostId}`];
}

/** A text that a filter compares as it is. */
export const isExact = (value: unknown): value is string => typeof value === "string" && !/^[<>]|\*/.test(value);

/** Whether the filter pins the owning host or the whole ident: at most some hundred rows. */
function isSelective(layout: Layout, { filter = {}, restriction }: Query): boolean {
  if (restriction?.rows === "own") return true;
  const pinned = (attribute: string) => {
    const value = filter[attribute];
    return Array.isArray(value) ? value.length > 0 && value.length <= 10 && value.every(isExact) : isExact(value);
  };
  if (["clientId", "objectId", "hostId"].some((attribute) => layout.columns.has(attribute) && pinned(attribute)))
    return true;
  return layout.identColumns.every(({ attribute }) => pinned(attribute));
}

/** The statement behind getObjects and getHashes; see `StatementCache` for those that come again and again. */
export function selectObjects(layout: Layout, query: Query, form: Form, dialect: Dialect): SelectObjects {
  const { from, values } = rows(layout, query, dialect);
  const json = perType(layout, (type) => objectExpression(layout, type, query, values, form, dialect), dialect);
  const statement = sql`SELECT ${json} AS json, o."row" AS "row" FROM ${from}`;
  return {
    statement,
    array: { text: dialect.jsonRows(statement.text), parameters: statement.parameters },
    selective: isSelective(layout, query),
  };
}

/** The statement behind getIdents: one column per ident attribute, in their order. */
export function selectIdents(layout: Layout, query: Query, dialect: Dialect): Fragment {
  const table = raw(dialect.quote(layout.table.name));
  const pool = layout.values?.kind === "productIds" ? layout.values : null;
  const { own, values } = compileFilter(layout, query.filter ?? {}, pool !== null, dialect);
  const where = [...own, ...values, ...ownRows(layout, query, dialect)];
  const columns = layout.identColumns.map(({ column }) => raw(`${table.text}.${dialect.quote(column)}`));
  const joined = pool
    ? raw(
        ` LEFT JOIN ${dialect.quote(pool.table.name)} ON ${pool.key
          .map(
            (name) => `${dialect.quote(pool.table.name)}.${dialect.quote(name)} = ${table.text}.${dialect.quote(name)}`,
          )
          .join(" AND ")}`,
      )
    : empty;
  const filter = where.length > 0 ? sql` WHERE ${join(where, " AND ")}` : empty;
  return sql`SELECT ${join(columns, ", ")} FROM ${table}${joined}${filter}`;
}

/** The number of objects that a query means. */
export function selectCount(layout: Layout, query: Query, dialect: Dialect): Fragment {
  return sql`SELECT count(*) FROM ${rows(layout, query, dialect).from}`;
}
