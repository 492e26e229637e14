import type { ObjectType } from "@opsi-ts/model";
import type { Query, Restriction } from "../storage.ts";
import { type Dialect, type JsonDialect, literal } from "./dialect.ts";
import { compileFilter } from "./filter.ts";
import { empty, type Fragment, join, type Parameter, raw, sql } from "./fragment.ts";
import type { Column, Layout } from "./layout.ts";
import { objectShape, type Source } from "./read-shape.ts";

/** Objects as getObjects returns them, or hashes without ident as getHashes does. (objects 3.2) */
export type Form = "object" | "hash";

/** A statement that yields the JSON of one object a row in column `json`, and the row's number in column `row`. */
export interface SelectObjects {
  readonly text: string;
  /** Yields the same rows as one JSON array. */
  readonly arrayText: string;
  /** Of either statement. */
  readonly parameters: readonly Parameter[];
  /** Whether an index leads to few rows: the read may then stay on the thread that serves requests. */
  readonly selective: boolean;
}

function columnExpression(column: Column, dialect: JsonDialect): string {
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

function constantExpression(value: unknown, dialect: JsonDialect): string {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return dialect.jsonBoolean(value ? "1" : "0");
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return literal(value);
  return dialect.jsonText(literal(JSON.stringify(value)));
}

function sourceExpression(
  layout: Layout,
  source: Source,
  valueConditions: readonly Fragment[],
  dialect: JsonDialect,
): Fragment {
  switch (source.kind) {
    case "constant":
      return raw(constantExpression(source.value, dialect));
    case "column": {
      const expression = columnExpression(source.column, dialect);
      return raw(source.ownOnly ? `CASE WHEN o.own THEN ${expression} END` : expression);
    }
    case "values": {
      const { from, name } = valueRows(layout, source, "o", valueConditions, dialect);
      return source.bool ? dialect.jsonBooleans(name, from) : dialect.jsonStrings(name, from);
    }
    case "severalDefaults":
      return raw(`CASE WHEN ${defaultsCount(layout, "o", dialect)} > 1 THEN ${dialect.jsonBoolean("1")} END`);
    default:
      return source satisfies never;
  }
}

/** The value rows of an object, the row of which is called `object`, and the column with the values. */
export function valueRows(
  { values }: Layout,
  source: Extract<Source, { kind: "values" }>,
  object: string,
  conditions: readonly Fragment[],
  dialect: Dialect,
): { from: Fragment; name: string } {
  if (!values) throw new Error("There is no value table");
  const table = dialect.quote(values.table.name);
  const tied = values.key.map((name) => raw(`${table}.${dialect.quote(name)} = ${object}.${dialect.quote(name)}`));
  const where = [...tied, ...conditions];
  if (source.onlyDefaults) where.push(raw(`${table}.${dialect.quote("isDefault")} = 1`));
  return {
    from: sql`FROM ${raw(table)} WHERE ${join(where, " AND ")}`,
    name: `${table}.${dialect.quote(source.column)}`,
  };
}

/** How many default values an object has. */
export function defaultsCount({ values }: Layout, object: string, dialect: Dialect): string {
  if (!values) throw new Error("There is no value table");
  const table = dialect.quote(values.table.name);
  const tied = values.key.map((name) => `${table}.${dialect.quote(name)} = ${object}.${dialect.quote(name)}`);
  return `(SELECT count(*) FROM ${table} WHERE ${tied.join(" AND ")} AND ${table}.${dialect.quote("isDefault")} = 1)`;
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
  dialect: JsonDialect,
): Fragment {
  const pairs = objectShape(layout, type, query).map(
    ([attribute, source]) => [attribute, sourceExpression(layout, source, valueConditions, dialect)] as const,
  );
  const added: (readonly [string, Fragment])[] = [["type", raw(literal(type.name))]];
  if (form === "object") added.push(["ident", raw(identExpression(layout, dialect))]);
  return dialect.jsonObject([...pairs, ...added]);
}

function perType(layout: Layout, object: (type: ObjectType) => Fragment, dialect: Dialect): Fragment {
  const { base, types } = layout.family;
  const concrete = types.filter(({ name }) => name !== base.name);
  if (!layout.typeColumn || concrete.length === 0) return object(base);
  const branches = concrete.map((type) => sql`WHEN ${raw(literal(type.name))} THEN ${object(type)}`);
  return sql`CASE o.${raw(dialect.quote("type"))} ${join(branches, " ")} ELSE ${object(base)} END`;
}

/** What a query means: conditions on the rows of the table, and those on value rows, which may show only some. */
export interface Meant {
  /** ` WHERE …`, or nothing. */
  readonly where: Fragment;
  readonly values: readonly Fragment[];
}

export function meant(layout: Layout, query: Query, dialect: Dialect): Meant {
  const { own: conditions, values } = compileFilter(layout, query.filter ?? {}, layout.values !== null, dialect);
  const where = [...conditions];
  if (values.length > 0 && layout.values) {
    const table = dialect.quote(layout.table.name);
    const valueTable = dialect.quote(layout.values.table.name);
    const tied = layout.values.key.map((name) =>
      raw(`${valueTable}.${dialect.quote(name)} = ${table}.${dialect.quote(name)}`),
    );
    where.push(sql`EXISTS (SELECT 1 FROM ${raw(valueTable)} WHERE ${join([...tied, ...values], " AND ")})`);
  }
  where.push(...ownRows(layout, query, dialect));
  return { where: where.length > 0 ? sql` WHERE ${join(where, " AND ")}` : empty, values };
}

/** Whether a row is the caller's own, null where nobody asks. */
export function isOwn(layout: Layout, { restriction }: Query, dialect: Dialect): Fragment | null {
  if (!restriction || restriction.ownOnly.size === 0) return null;
  return sql`${ownerColumn(layout, restriction, dialect)} = ${restriction.hostId}`;
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
export function selectObjects(layout: Layout, query: Query, form: Form, dialect: JsonDialect): SelectObjects {
  const { where, values } = meant(layout, query, dialect);
  const json = perType(layout, (type) => objectExpression(layout, type, query, values, form, dialect), dialect);
  const table = raw(dialect.quote(layout.table.name));
  const isOwnRow = isOwn(layout, query, dialect);
  const own = isOwnRow ? sql`, ${isOwnRow} AS own` : empty;
  const statement = sql`SELECT ${json} AS json, o."row" AS "row" FROM (SELECT ${table}.*, ${table}.rowid AS "row"${own} FROM ${table}${where}) AS o`;
  return {
    text: statement.text,
    arrayText: dialect.jsonRows(statement.text),
    parameters: statement.parameters,
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

/** Idents as hashes from the rows of `selectIdents`. */
export function identsOf(layout: Layout, rows: readonly (readonly unknown[])[]): Record<string, unknown>[] {
  const names = layout.identColumns.map(({ attribute }) => attribute);
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
}

/** The number of objects that a query means. */
export function selectCount(layout: Layout, query: Query, dialect: Dialect): Fragment {
  return sql`SELECT count(*) FROM ${raw(dialect.quote(layout.table.name))}${meant(layout, query, dialect).where}`;
}
