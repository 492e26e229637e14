import type { Family, OpsiObject } from "@opsi-ts/model";
import type { Ident, WriteMode } from "../storage.ts";
import { cascades, dependents } from "./cascades.ts";
import type { Dialect } from "./dialect.ts";
import { raw, sql } from "./fragment.ts";
import { addressInUse, hardwareAddressUser } from "./hardware-address.ts";
import { layoutOf } from "./layout.ts";
import { change, rows, type Script } from "./script.ts";
import { releaseSystemUuid } from "./system-uuid.ts";
import { deleteObject, writeObject } from "./write.ts";

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
    if (isHost && mode !== "update" && object["systemUUID"]) yield change(releaseSystemUuid(object));
    const { main, values } = writeObject(layout, object, mode, dialect);
    const { count } = yield change(main);
    if (count > 0) for (const value of values) yield change(value);
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
    yield change(deleteObject(layout, ident, dialect));
    for (const { table: dependent, column, condition = "TRUE" } of dependents[table.name] ?? []) {
      const key = String(ident[layout.identColumns[0]?.attribute ?? ""]);
      yield change(
        sql`DELETE FROM ${raw(dialect.quote(dependent))} WHERE ${raw(dialect.quote(column))} = ${key} AND ${raw(condition)}`,
      );
    }
  }
  for (const statement of cascades[table.name] ?? []) yield change(raw(statement));
}
