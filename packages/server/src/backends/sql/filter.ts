import { OpsiError, pythonRepr } from "@opsi-ts/model";
import type { Filter } from "../storage.ts";
import type { Dialect } from "./dialect.ts";
import { type Fragment, join, type Parameter, raw, sql } from "./fragment.ts";
import type { ColumnKind, Layout } from "./layout.ts";

/** Longer lists are a plain IN: no wildcards, no operators, null never matches. (objects 5.1) */
const longestListWithWildcards = 10;

/** What is compared, and how. */
export interface Comparable {
  readonly expression: Fragment;
  readonly kind: ColumnKind;
}

/** What can be filtered: a column of the table or of its value table. */
interface FilterColumn extends Comparable {
  readonly table: "own" | "values";
}

/** Conditions on the objects' rows and on their value rows, each to be ANDed. */
export interface CompiledFilter {
  readonly own: readonly Fragment[];
  readonly values: readonly Fragment[];
}

const noFilter: CompiledFilter = { own: [], values: [] };

function parameter(value: unknown): Parameter {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "bigint") return Number(value); // no column holds integers of more than 32 bits
  return JSON.stringify(value, (_key, member) => (typeof member === "bigint" ? Number(member) : member));
}

/** `*` is the wildcard, `_` is literal, `%` and `\` are left as the original leaves them. */
const likePattern = (text: string) => text.replaceAll("_", "\\_").replaceAll("*", "%");

/** A date alone is its midnight. */
const chronological = (text: string) => (/^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00:00` : text);

/** A text beside a number counts with the number that it begins with, as in MySQL. */
const numeric = (text: string) => Number(/^\s*-?\d+(\.\d+)?/.exec(text)?.[0] ?? 0);

function operand(kind: ColumnKind, value: unknown): Parameter {
  const bound = parameter(value);
  if (typeof bound !== "string") return kind === "timestamp" || kind === "list" ? String(bound) : bound;
  if (kind === "timestamp") return chronological(bound);
  return kind === "number" || kind === "boolean" ? numeric(bound) : bound.trimEnd();
}

function compare({ expression, kind }: Comparable, operator: string, value: unknown, dialect: Dialect): Fragment {
  const bound = operand(kind, value);
  if (typeof bound === "number" && (kind === "text" || kind === "name")) {
    return sql`${dialect.leadingNumber(expression)} ${raw(operator)} ${bound}`;
  }
  // Names are equal as the keys that they are; which comes first is a matter of text.
  if (kind === "text" || (kind === "name" && operator !== "=")) {
    return sql`${dialect.fold(expression)} ${raw(operator)} ${dialect.fold(sql`${bound}`)}`;
  }
  return sql`${expression} ${raw(operator)} ${bound}`;
}

function single(column: Comparable, value: unknown, dialect: Dialect): Fragment {
  const { expression, kind } = column;
  if (value === null) return sql`${expression} IS NULL`;
  if (typeof value === "string") {
    if (value.includes("*")) {
      return dialect.like(expression, likePattern(value), kind === "text");
    }
    if (value.startsWith("<") || value.startsWith(">")) {
      return compare(column, value.slice(0, 1), value.slice(1), dialect);
    }
  }
  return compare(column, "=", value, dialect);
}

/** The condition that a column has one of the values, each in the notation of objects 5.1. */
export function condition(column: Comparable, values: readonly unknown[], dialect: Dialect): Fragment {
  const { expression, kind } = column;
  if (values.length <= longestListWithWildcards) {
    const parts = values.map((value) => single(column, value, dialect));
    return parts.length === 1 && parts[0] ? parts[0] : sql`(${join(parts, " OR ")})`;
  }
  const list = values.filter((value) => value !== null).map((value) => operand(kind, value));
  if (kind === "text") return sql`${dialect.fold(expression)} IN (${dialect.elements(list.map(String), dialect.fold)})`;
  return sql`${expression} IN (${dialect.elements(kind === "number" || kind === "boolean" ? list : list.map(String))})`;
}

function filterColumns(layout: Layout, withValues: boolean, dialect: Dialect): Map<string, FilterColumn> {
  const byColumn = new Map([...layout.columns.values()].map((column) => [column.column, column]));
  const found = new Map<string, FilterColumn>();
  const own = dialect.quote(layout.table.name);
  for (const name of layout.table.columns) {
    const column = byColumn.get(name);
    const expression = raw(`${own}.${dialect.quote(name)}`);
    if (column) found.set(column.attribute, { expression, kind: column.kind, table: "own" });
    else if (name === "type") found.set("type", { expression, kind: "name", table: "own" });
  }
  if (layout.values && withValues) {
    const values = dialect.quote(layout.values.table.name);
    for (const name of layout.values.table.columns) {
      if (found.has(name)) continue;
      const kind = name === "value" ? "text" : name === "isDefault" ? "number" : "name";
      found.set(name, { expression: raw(`${values}.${dialect.quote(name)}`), kind, table: "values" });
    }
  }
  return found;
}

const columnCache = new WeakMap<Dialect, WeakMap<Layout, Map<boolean, Map<string, FilterColumn>>>>();

function cachedColumns(layout: Layout, withValues: boolean, dialect: Dialect): Map<string, FilterColumn> {
  return columnCache
    .getOrInsertComputed(dialect, () => new WeakMap())
    .getOrInsertComputed(layout, () => new Map())
    .getOrInsertComputed(withValues, () => filterColumns(layout, withValues, dialect));
}

/** The type filter knows one relation: whoever asks for depots gets the config server too. */
function typeValues(values: readonly unknown[]): readonly unknown[] {
  const addsConfigserver = values.includes("OpsiDepotserver") && !values.includes("OpsiConfigserver");
  return addsConfigserver ? [...values, "OpsiConfigserver"] : values;
}

/**
 * Turns a filter into SQL conditions.
 *
 * @param withValues whether the value table takes part in the statement
 * @throws ValueError for an attribute that has no column, naming those that have
 * @see objects 5.1
 */
export function compileFilter(layout: Layout, filter: Filter, withValues: boolean, dialect: Dialect): CompiledFilter {
  const entries = Object.entries(filter);
  if (entries.length === 0) return noFilter;
  const columns = cachedColumns(layout, withValues, dialect);
  const compiled: { own: Fragment[]; values: Fragment[] } = { own: [], values: [] };
  for (const [attribute, value] of entries) {
    if (attribute === "type" && !layout.typeColumn) continue;
    const isPoolProducts = attribute === "productIds" && layout.values?.kind === "productIds";
    const column = columns.get(isPoolProducts ? "productId" : attribute);
    if (!column) {
      throw new OpsiError(
        "ValueError",
        `Invalid filter ${pythonRepr(attribute)}=${pythonRepr(value)} used, possible attributes are: ${[...columns.keys()].join(", ")}`,
        { field: attribute },
      );
    }
    if (value === null || value === undefined) continue;
    const values: readonly unknown[] = Array.isArray(value) ? value.flat() : [value];
    if (values.length === 0) continue;
    compiled[column.table].push(condition(column, attribute === "type" ? typeValues(values) : values, dialect));
  }
  return compiled;
}
