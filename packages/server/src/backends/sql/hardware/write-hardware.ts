import type { OpsiObject } from "@opsi-ts/model";
import type { Dialect } from "../dialect.ts";
import { type Fragment, join, type Parameter, raw, sql } from "../fragment.ts";
import { checkCharacters } from "../write.ts";
import type { HardwareColumn, HardwareLayout } from "./hardware-layout.ts";

/*
 * The statements that write hardware. Values are equal when both are null; text compares without case, as the columns
 * do. (objects 6.14, storage 6.5)
 */

function stored(object: OpsiObject, { name, type }: HardwareColumn, dialect: Dialect): Parameter {
  const value = object[name] ?? null;
  const parameter = typeof value === "boolean" ? Number(value) : (value as Parameter);
  checkCharacters(name, parameter, dialect);
  return dialect.storable(parameter, type);
}

function sameValues(alias: string, columns: readonly HardwareColumn[], object: OpsiObject, dialect: Dialect) {
  return columns.map((column) =>
    dialect.same(raw(`${alias}.${dialect.quote(column.name)}`), sql`${stored(object, column, dialect)}`),
  );
}

const all = (conditions: readonly Fragment[]) => (conditions.length > 0 ? join(conditions, " AND ") : raw("TRUE"));

function insert(table: string, pairs: readonly (readonly [string, Parameter])[], dialect: Dialect): Fragment {
  const name = raw(dialect.quote(table));
  if (pairs.length === 0) return sql`INSERT INTO ${name} ${raw(dialect.defaultValues)}`;
  const columns = raw(pairs.map(([column]) => dialect.quote(column)).join(", "));
  const values = join(
    pairs.map(([, value]) => sql`${value}`),
    ", ",
  );
  return sql`INSERT INTO ${name} (${columns}) VALUES (${values})`;
}

const pairsOf = (columns: readonly HardwareColumn[], object: OpsiObject, dialect: Dialect) =>
  columns.map((column) => [column.name, stored(object, column, dialect)] as const);

/**
 * Yields `hardware_id` of an equal device and `config_id` of the equal piece that the host has of it, null without
 * one; no row where there is no such device.
 */
export function findPiece(layout: HardwareLayout, object: OpsiObject, dialect: Dialect): Fragment {
  const tied = [
    raw('p."hardware_id" = d."hardware_id"'),
    sql`p."hostId" = ${String(object["hostId"])}`,
    ...sameValues("p", layout.individual, object, dialect),
  ];
  const device = raw(dialect.quote(layout.device.name));
  const piece = raw(dialect.quote(layout.piece.name));
  const equal = all(sameValues("d", layout.general, object, dialect));
  // Devices can be there more than once: the one counts of which the host has its piece.
  return sql`SELECT d."hardware_id", p."config_id" FROM ${device} AS d LEFT JOIN ${piece} AS p ON ${all(tied)} WHERE ${equal} ORDER BY p."config_id" IS NULL, d."hardware_id" LIMIT 1`;
}

/** Yields `hardware_id` of an equal device. */
export function findDevice(layout: HardwareLayout, object: OpsiObject, dialect: Dialect): Fragment {
  const device = raw(dialect.quote(layout.device.name));
  const equal = all(sameValues("d", layout.general, object, dialect));
  return sql`SELECT d."hardware_id" FROM ${device} AS d WHERE ${equal} ORDER BY d."hardware_id" LIMIT 1`;
}

export function insertDevice(layout: HardwareLayout, object: OpsiObject, dialect: Dialect): Fragment {
  return insert(layout.device.name, pairsOf(layout.general, object, dialect), dialect);
}

const seenColumns = ["firstseen", "lastseen", "state"];

/** What was given of when the piece was seen; the database knows the rest. */
function seen(object: OpsiObject): [string, Parameter][] {
  return seenColumns.flatMap((name): [string, Parameter][] => {
    const value = object[name];
    return value === null || value === undefined ? [] : [[name, value as Parameter]];
  });
}

export function insertPiece(layout: HardwareLayout, object: OpsiObject, deviceId: number, dialect: Dialect): Fragment {
  const host = ["hostId", String(object["hostId"])] as const;
  const pairs = [
    host,
    ["hardware_id", deviceId] as const,
    ...seen(object),
    ...pairsOf(layout.individual, object, dialect),
  ];
  return insert(layout.piece.name, pairs, dialect);
}

/** Null where there is nothing to change. */
export function updatePiece(
  layout: HardwareLayout,
  object: OpsiObject,
  pieceId: number,
  dialect: Dialect,
): Fragment | null {
  const changes = seen(object).map(([name, value]) => sql`${raw(dialect.quote(name))} = ${value}`);
  if (changes.length === 0) return null;
  return sql`UPDATE ${raw(dialect.quote(layout.piece.name))} SET ${join(changes, ", ")} WHERE "config_id" = ${pieceId}`;
}

/** The condition for all devices that are equal to one. */
export const equalDevices = ({ device, general }: HardwareLayout, object: OpsiObject, dialect: Dialect): Fragment =>
  all(sameValues(dialect.quote(device.name), general, object, dialect));

/** All equal devices; the pieces of them go along. */
export function deleteDevice(layout: HardwareLayout, object: OpsiObject, dialect: Dialect): Fragment {
  const name = raw(dialect.quote(layout.device.name));
  return sql`DELETE FROM ${name} WHERE ${equalDevices(layout, object, dialect)}`;
}

/** All pieces of the host with these attributes of their own, of whatever device. */
export function deletePiece(layout: HardwareLayout, object: OpsiObject, dialect: Dialect): Fragment {
  const name = dialect.quote(layout.piece.name);
  const host = sql`"hostId" = ${String(object["hostId"])}`;
  const same = sameValues(name, layout.individual, object, dialect);
  return sql`DELETE FROM ${raw(name)} WHERE ${all([host, ...same])}`;
}

export function deletePiecesOfHost(layout: HardwareLayout, hostId: string, dialect: Dialect): Fragment {
  return sql`DELETE FROM ${raw(dialect.quote(layout.piece.name))} WHERE "hostId" = ${hostId}`;
}

export function movePieces(layout: HardwareLayout, hostId: string, newHostId: string, dialect: Dialect): Fragment {
  const name = raw(dialect.quote(layout.piece.name));
  return sql`UPDATE ${name} SET "hostId" = ${newHostId} WHERE "hostId" = ${hostId}`;
}
