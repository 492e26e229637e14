import type { HardwareTypeName } from "@opsi-ts/model";
import type { Filter, HardwareForm, HardwareQuery, Restriction } from "../../storage.ts";
import { type Dialect, literal } from "../dialect.ts";
import { type Comparable, condition } from "../filter.ts";
import { type Fragment, join, raw, sql } from "../fragment.ts";
import { isExact } from "../select.ts";
import type { HardwareColumn, HardwareLayout } from "./hardware-layout.ts";

/** Statements that yield columns `json` and `row`, one per hardware class. */
export interface SelectHardware {
  readonly statements: readonly Fragment[];
  /** Whether indexes lead to few rows: the read may then stay on the thread that serves requests. */
  readonly selective: boolean;
}

/** Hosts of which the hardware is read without asking another thread. */
const fewHosts = 10;

/** What an attribute is in the statement, as the caller may see it. */
type Expressions = (name: string) => Fragment;

function columnFragment({ name, table }: HardwareColumn, dialect: Dialect): Fragment {
  return raw(`${table === "device" ? "d" : "p"}.${dialect.quote(name)}`);
}

function expressions(
  layout: HardwareLayout,
  typeName: HardwareTypeName,
  restriction: Restriction | undefined,
  form: HardwareForm,
  dialect: Dialect,
): Expressions {
  const columns = layout.filterable[typeName];
  return (name) => {
    if (name === "hardwareClass") return raw(literal(layout.hardwareClass));
    const column = columns.get(name);
    if (!column || restriction?.hidden.has(name)) return raw("NULL");
    let value = columnFragment(column, dialect);
    if (column.kind === "timestamp") {
      value = sql`nullif(${value}, '0000-00-00 00:00:00')`;
      if (form === "row" || form === "selected") value = sql`replace(${value}, ' ', 'T')`;
    }
    return restriction?.ownOnly.has(name) ? sql`CASE WHEN p."hostId" = ${restriction.hostId} THEN ${value} END` : value;
  };
}

/** Values one after the other with `;` between them, null as nothing. */
function joined(names: readonly string[], value: Expressions): Fragment {
  return join(
    names.map((name) => sql`coalesce(${value(name)}, '')`),
    " || ';' || ",
  );
}

function json(
  layout: HardwareLayout,
  typeName: HardwareTypeName,
  query: HardwareQuery,
  form: HardwareForm,
  dialect: Dialect,
): Fragment {
  const value = expressions(layout, typeName, query.restriction, form, dialect);
  const pairs = (names: readonly string[]) => names.map((name) => [name, value(name)] as const);
  const general = layout.general.map(({ name }) => name);
  switch (form) {
    case "object": {
      const type = layout.types[typeName];
      const ident = ["ident", joined(type.identOrder ?? [], value)] as const;
      const attributes = pairs(Object.keys(type.attributes));
      return dialect.jsonObject([...attributes, ["type", raw(literal(typeName))], ident]);
    }
    case "row":
    case "selected": {
      if (typeName === "AuditHardware") return dialect.jsonObject(pairs(general));
      const number = form === "row" ? ([["config_id", raw(`p.${dialect.quote("config_id")}`)]] as const) : [];
      const individual = layout.individual.map(({ name }) => name);
      const fixed = ["hostId", "firstseen", "lastseen", "state"];
      return dialect.jsonObject([...pairs(general), ...number, ...pairs([...fixed, ...individual])]);
    }
    case "dict":
      return dialect.jsonObject(pairs(general));
    case "list":
      return sql`json_array(${join(general.map(value), ", ")})`;
    case "str":
      return general.length > 0 ? sql`json_quote(${joined(general, value)})` : raw(`'""'`);
    default:
      return form satisfies never;
  }
}

/** Empty and null are the same for hardware. (objects 6.14) */
function filterCondition(column: Comparable, value: unknown, dialect: Dialect): Fragment {
  if (value === null || value === "") return sql`(${column.expression} = '' OR ${column.expression} IS NULL)`;
  return condition(column, Array.isArray(value) ? value.flat() : [value], dialect);
}

const classFilter = "hardwareClass";
const givesNothing = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);

/** Conditions on the attributes that the class has; null where there are filters, but none for this class. */
function conditions(
  layout: HardwareLayout,
  typeName: HardwareTypeName,
  filter: Filter,
  dialect: Dialect,
): Fragment[] | null {
  const given = Object.entries(filter).filter(
    ([name, value]) => name !== classFilter && name !== "type" && !givesNothing(value),
  );
  const columns = layout.filterable[typeName];
  const known = given.flatMap(([name, value]) => {
    const column = columns.get(name);
    return column
      ? [filterCondition({ expression: columnFragment(column, dialect), kind: column.kind }, value, dialect)]
      : [];
  });
  return given.length > 0 && known.length === 0 ? null : known;
}

function source(layout: HardwareLayout, typeName: HardwareTypeName, dialect: Dialect): Fragment {
  const device = raw(`${dialect.quote(layout.device.name)} AS d`);
  if (typeName === "AuditHardware") return device;
  const key = dialect.quote("hardware_id");
  return sql`${raw(dialect.quote(layout.piece.name))} AS p JOIN ${device} ON d.${raw(key)} = p.${raw(key)}`;
}

/** Rows of the class that a query means; null where there are filters, but none for this class. */
function rows(
  layout: HardwareLayout,
  typeName: HardwareTypeName,
  { filter = {}, restriction }: HardwareQuery,
  dialect: Dialect,
): Fragment | null {
  const where = conditions(layout, typeName, filter, dialect);
  if (where === null) return null;
  if (restriction?.rows === "own") where.push(sql`p."hostId" = ${restriction.hostId}`);
  const from = source(layout, typeName, dialect);
  return where.length > 0 ? sql`FROM ${from} WHERE ${join(where, " AND ")}` : sql`FROM ${from}`;
}

/** `*` stands for anything; the case counts. Null and an empty list mean all classes. */
function matchesClass(wanted: unknown): (name: string) => boolean {
  if (wanted === null || givesNothing(wanted)) return () => true;
  const patterns = (Array.isArray(wanted) ? wanted : [wanted]).map((pattern) => String(pattern).split("*"));
  return (name) => patterns.some((parts) => matchesParts(name, parts));
}

/** Each part where it first fits. A regular expression would try all combinations of many wildcards. */
function matchesParts(name: string, [first = "", ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

function isSelective(typeName: HardwareTypeName, { filter = {}, restriction }: HardwareQuery): boolean {
  if (typeName === "AuditHardware") return false;
  if (restriction?.rows === "own") return true;
  const hosts: readonly unknown[] = [filter["hostId"]].flat();
  return hosts.length > 0 && hosts.length <= fewHosts && hosts.every((host) => host !== "" && isExact(host));
}

/** Classes with rows that a query means. */
function wanted(
  layouts: ReadonlyMap<string, HardwareLayout>,
  typeName: HardwareTypeName,
  query: HardwareQuery,
  dialect: Dialect,
): { layout: HardwareLayout; from: Fragment }[] {
  const matches = matchesClass(query.filter?.[classFilter]);
  return [...layouts.values()].flatMap((layout) => {
    const from = matches(layout.hardwareClass) ? rows(layout, typeName, query, dialect) : null;
    return from === null ? [] : [{ layout, from }];
  });
}

/** The statements behind getObjects, getHashes and getIdents of hardware. (objects 6.14) */
export function selectHardware(
  layouts: ReadonlyMap<string, HardwareLayout>,
  typeName: HardwareTypeName,
  query: HardwareQuery,
  form: HardwareForm,
  dialect: Dialect,
): SelectHardware {
  const row = raw(typeName === "AuditHardware" ? 'd."hardware_id"' : 'p."config_id"');
  return {
    statements: wanted(layouts, typeName, query, dialect).map(
      ({ layout, from }) =>
        sql`SELECT ${json(layout, typeName, query, form, dialect)} AS json, ${row} AS "row" ${from}`,
    ),
    selective: isSelective(typeName, query),
  };
}

/** Statements that each yield the number of rows of one class. */
export function countHardware(
  layouts: ReadonlyMap<string, HardwareLayout>,
  typeName: HardwareTypeName,
  query: HardwareQuery,
  dialect: Dialect,
): Fragment[] {
  return wanted(layouts, typeName, query, dialect).map(({ from }) => sql`SELECT count(*) ${from}`);
}
