import type { HardwareTypeName } from "@opsi-ts/model";
import type { Filter, HardwareForm, HardwareQuery } from "../../storage.ts";
import { type Dialect, type JsonDialect, literal } from "../dialect.ts";
import { type Comparable, condition } from "../filter.ts";
import { type Fragment, join, raw, sql } from "../fragment.ts";
import { isExact } from "../select.ts";
import type { HardwareColumn, HardwareLayout } from "./hardware-layout.ts";
import { type HardwareShape, type HardwareSource, hardwareShape } from "./hardware-shape.ts";

/** Statements that yield columns `json` and `row`, one per hardware class. */
export interface SelectHardware {
  readonly statements: readonly Fragment[];
  /** Whether indexes lead to few rows: the read may then stay on the thread that serves requests. */
  readonly selective: boolean;
}

/** Hosts of which the hardware is read without asking another thread. */
const fewHosts = 10;

export function columnFragment({ name, table }: HardwareColumn, dialect: Dialect): Fragment {
  return raw(`${table === "device" ? "d" : "p"}.${dialect.quote(name)}`);
}

function sourceExpression(source: HardwareSource, dialect: JsonDialect): Fragment {
  switch (source.kind) {
    case "constant":
      return raw(source.value === null ? "NULL" : literal(source.value));
    case "column": {
      let value = columnFragment(source.column, dialect);
      if (source.column.kind === "timestamp") {
        value = sql`nullif(${value}, '0000-00-00 00:00:00')`;
        if (source.withT) value = sql`replace(${value}, ' ', 'T')`;
      }
      return source.onlyOf === null ? value : sql`CASE WHEN p."hostId" = ${source.onlyOf} THEN ${value} END`;
    }
    case "joined":
      return join(
        source.parts.map((part) => sql`coalesce(${sourceExpression(part, dialect)}, '')`),
        " || ';' || ",
      );
    default:
      return source satisfies never;
  }
}

function json(shape: HardwareShape, dialect: JsonDialect): Fragment {
  switch (shape.kind) {
    case "object":
      return dialect.jsonObject(shape.members.map(([name, source]) => [name, sourceExpression(source, dialect)]));
    case "list":
      return sql`json_array(${join(
        shape.elements.map((source) => sourceExpression(source, dialect)),
        ", ",
      )})`;
    case "text":
      return shape.source.parts.length > 0 ? sql`json_quote(${sourceExpression(shape.source, dialect)})` : raw(`'""'`);
    default:
      return shape satisfies never;
  }
}

/** Empty and null are the same for hardware; beside a number an empty text counts as 0. (objects 6.14) */
function filterCondition(column: Comparable, value: unknown, dialect: Dialect): Fragment {
  if (value === null || value === "") {
    const nothing = raw(column.kind === "number" ? "0" : "''");
    return sql`(${column.expression} = ${nothing} OR ${column.expression} IS NULL)`;
  }
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

/** Classes with rows that a query means, with `FROM …` of these rows: `d` is the device, `p` the piece. */
export function wantedHardware(
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
  dialect: JsonDialect,
): SelectHardware {
  const row = raw(typeName === "AuditHardware" ? 'd."hardware_id"' : 'p."config_id"');
  return {
    statements: wantedHardware(layouts, typeName, query, dialect).map(
      ({ layout, from }) =>
        sql`SELECT ${json(hardwareShape(layout, typeName, query.restriction, form), dialect)} AS json, ${row} AS "row" ${from}`,
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
  return wantedHardware(layouts, typeName, query, dialect).map(({ from }) => sql`SELECT count(*) ${from}`);
}
