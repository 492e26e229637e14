import type { HardwareTypeName } from "@opsi-ts/model";
import type { HardwareForm, HardwareQuery } from "../../storage.ts";
import { join, raw, sql } from "../fragment.ts";
import type { HardwareLayout } from "../hardware/hardware-layout.ts";
import { type HardwareShape, type HardwareSource, hardwareShape } from "../hardware/hardware-shape.ts";
import { columnFragment, wantedHardware } from "../hardware/select-hardware.ts";
import type { RemoteDialect } from "./remote-dialect.ts";
import * as json from "./row-json.ts";
import type { SelectRows } from "./select-rows.ts";

const isReal = (type: string) => /^double/i.test(type);

function jsonOf(source: HardwareSource, columns: json.Columns, dialect: RemoteDialect): json.Part {
  switch (source.kind) {
    case "constant":
      return json.constant(source.value);
    case "column": {
      const { column, withT, onlyOf } = source;
      const index = columns.indexOf(columnFragment(column, dialect));
      const isTime = withT && column.kind === "timestamp";
      const part = isTime ? json.timeWithT(index) : json.column(column.kind, index, isReal(column.type));
      return onlyOf === null ? part : json.onlyWhere(columns.indexOf(sql`p."hostId" = ${onlyOf}`), part);
    }
    case "joined":
      return json.quoted(textOf(source, columns, dialect));
    default:
      return source satisfies never;
  }
}

/** As part of an ident. */
function textOf(source: HardwareSource, columns: json.Columns, dialect: RemoteDialect): json.Part {
  switch (source.kind) {
    case "constant":
      return () => source.value ?? "";
    case "column": {
      const { column, onlyOf } = source;
      const part = json.plainText(columns.indexOf(columnFragment(column, dialect)), isReal(column.type));
      return onlyOf === null ? part : json.onlyWhere(columns.indexOf(sql`p."hostId" = ${onlyOf}`), part, "");
    }
    case "joined":
      return json.joined(source.parts.map((part) => textOf(part, columns, dialect)));
    default:
      return source satisfies never;
  }
}

function shapePart(shape: HardwareShape, columns: json.Columns, dialect: RemoteDialect): json.Part {
  switch (shape.kind) {
    case "object":
      return json.object(shape.members.map(([name, source]) => [name, jsonOf(source, columns, dialect)] as const));
    case "list":
      return json.array(shape.elements.map((source) => jsonOf(source, columns, dialect)));
    case "text":
      return jsonOf(shape.source, columns, dialect);
    default:
      return shape satisfies never;
  }
}

/** The statements behind getObjects, getHashes and getIdents of hardware, one per class. (objects 6.14) */
export function selectHardwareRows(
  layouts: ReadonlyMap<string, HardwareLayout>,
  typeName: HardwareTypeName,
  query: HardwareQuery,
  form: HardwareForm,
  dialect: RemoteDialect,
  locking: boolean,
): SelectRows[] {
  return wantedHardware(layouts, typeName, query, dialect).map(({ layout, from }) => {
    const columns = new json.Columns();
    const toJson = shapePart(hardwareShape(layout, typeName, query.restriction, form), columns, dialect);
    const list = columns.expressions.length > 0 ? join(columns.expressions, ", ") : raw("1");
    const order = raw(dialect.orderBy([typeName === "AuditHardware" ? 'd."hardware_id"' : 'p."config_id"']));
    return { ...sql`SELECT ${list} ${from}${order}${raw(locking ? dialect.lock : "")}`, toJson };
  });
}
