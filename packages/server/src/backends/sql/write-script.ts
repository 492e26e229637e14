import type { Family, OpsiObject } from "@opsi-ts/model";
import type { Ident, WriteMode } from "../storage.ts";
import { deleteOrphans, dependents, orphans } from "./cascades.ts";
import type { Dialect } from "./dialect.ts";
import { raw, sql } from "./fragment.ts";
import { addressInUse, hardwareAddressUser } from "./hardware-address.ts";
import { layoutOf } from "./layout.ts";
import { rowsOf, rowsOfValues } from "./object-rows.ts";
import { blind, change, keyed, removed, rows, type Script } from "./script.ts";
import { releaseSystemUuid } from "./system-uuid.ts";
import { tableNamed } from "./tables.ts";
import { deleteObject, writeObject } from "./write.ts";

const primaryKeyOf = (table: string) => tableNamed.get(table)?.primaryKey ?? [];

/** Writes objects. (objects 4.1, storage 6.4) */
export function* writeScript(
  family: Family,
  objects: readonly OpsiObject[],
  mode: WriteMode,
  dialect: Dialect,
): Script {
  const layout = layoutOf(family);
  const isHost = layout.table.name === "HOST";
  if (isHost && mode !== "restore") for (const host of objects) yield* checkHardwareAddress(host);
  for (const object of objects) {
    if (isHost && mode !== "update" && object["systemUUID"]) {
      yield blind(releaseSystemUuid(object), [keyed("HOST", ["systemUUID"], [String(object["systemUUID"])])]);
    }
    const { main, values } = writeObject(layout, object, mode, dialect);
    const met = [rowsOf(layout, object, dialect, keyed)];
    if (values.length === 0) {
      yield blind(main, met);
    } else if ((yield change(main, met)).count > 0) {
      const touches = rowsOfValues(layout, object, dialect);
      for (const value of values) yield blind(value, touches);
    }
  }
}

/** @throws ValueError if another host has the address */
function* checkHardwareAddress(host: OpsiObject): Script {
  const statement = hardwareAddressUser(host);
  if (statement === null) return;
  const [user] = (yield rows(statement)).rows;
  if (user) throw addressInUse(host, user[0]);
}

/** Removes objects and, but for hardware, what hangs on them. (objects 4.4) */
export function* removeScript(family: Family, idents: readonly Ident[], dialect: Dialect): Script {
  const layout = layoutOf(family);
  const { table } = layout;
  for (const ident of idents) {
    yield blind(deleteObject(layout, ident, dialect), [rowsOf(layout, ident, dialect, removed)]);
    for (const { table: dependent, column, condition = "TRUE" } of dependents[table.name] ?? []) {
      const key = String(ident[layout.identColumns[0]?.attribute ?? ""]);
      yield blind(
        sql`DELETE FROM ${raw(dialect.quote(dependent))} WHERE ${raw(dialect.quote(column))} = ${key} AND ${raw(condition)}`,
        [keyed(dependent, [column], [key])],
      );
    }
  }
  for (const each of orphans[table.name] ?? []) {
    const found = {
      kind: "found",
      table: each.table,
      columns: primaryKeyOf(each.table),
      where: raw(each.where),
    } as const;
    yield blind(raw(deleteOrphans(each)), [found]);
  }
}
