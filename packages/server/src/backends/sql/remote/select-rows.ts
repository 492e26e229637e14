import type { ObjectType } from "@opsi-ts/model";
import type { Query } from "../../storage.ts";
import { join, type Parameter, raw, sql } from "../fragment.ts";
import type { Layout } from "../layout.ts";
import { objectShape, type Source } from "../read-shape.ts";
import { defaultsCount, type Form, isOwn, meant, valueRows } from "../select.ts";
import type { RemoteDialect } from "./remote-dialect.ts";
import * as json from "./row-json.ts";

/** A statement and how its rows become JSON. */
export interface SelectRows {
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly toJson: json.Part;
}

/** The statement behind getObjects and getHashes. */
export function selectRows(
  layout: Layout,
  query: Query,
  form: Form,
  dialect: RemoteDialect,
  locking: boolean,
): SelectRows {
  const table = dialect.quote(layout.table.name);
  const { where, values } = meant(layout, query, dialect);
  const columns = new json.Columns();
  const own = isOwn(layout, query, dialect);
  const at = (name: string) => columns.indexOf(raw(`${table}.${dialect.quote(name)}`));
  const locked = raw(locking ? dialect.lock : "");

  function partOf(source: Source): json.Part {
    switch (source.kind) {
      case "constant":
        return json.constant(source.value);
      case "column": {
        const part = json.column(source.column.kind, at(source.column.column));
        return source.ownOnly && own ? json.onlyWhere(columns.indexOf(own), part) : part;
      }
      case "values": {
        const { from, name } = valueRows(layout, source, table, values, dialect);
        const list = sql`(SELECT ${raw(dialect.hexadecimals(name))} ${from}${locked})`;
        return json.valueList(columns.indexOf(list), source.bool);
      }
      case "severalDefaults": {
        const isSeveral = raw(`${defaultsCount(layout, table, dialect)} > 1`);
        return json.onlyWhere(columns.indexOf(isSeveral), json.constant(true));
      }
      default:
        return source satisfies never;
    }
  }

  function objectPart(type: ObjectType): json.Part {
    const members = objectShape(layout, type, query).map(([name, source]) => [name, partOf(source)] as const);
    members.push(["type", json.constant(type.name)]);
    if (form === "object") {
      const ident = json.joined(layout.identColumns.map(({ column }) => json.plainText(at(column))));
      members.push(["ident", json.quoted(ident)]);
    }
    return json.object(members);
  }

  const toJson = perType(layout, objectPart, at);
  const list = columns.expressions.length > 0 ? join(columns.expressions, ", ") : raw("1");
  const order = raw(dialect.orderBy(keyColumns(layout, dialect)));
  const statement = sql`SELECT ${list} FROM ${raw(table)}${where}${order}${locked}`;
  return { ...statement, toJson };
}

/** The columns of the primary key. */
export const keyColumns = ({ table: { name, primaryKey } }: Layout, { quote }: RemoteDialect) =>
  primaryKey.map((column) => `${quote(name)}.${quote(column)}`);

function perType(layout: Layout, objectPart: (type: ObjectType) => json.Part, at: (name: string) => number): json.Part {
  const { base, types } = layout.family;
  const others = objectPart(base);
  const concrete = types.filter(({ name }) => name !== base.name);
  if (!layout.typeColumn || concrete.length === 0) return others;
  const byType = new Map<unknown, json.Part>(concrete.map((type) => [type.name, objectPart(type)]));
  const index = at("type");
  return (row) => (byType.get(row[index]) ?? others)(row);
}
