import type { ReadRows } from "../changed-rows.ts";
import { nested } from "../key-tree.ts";
import type { Database } from "./database.ts";

/** Rows as the JSON text that SQLite makes of them: less than half the time of objects. (bench audit) */
export const readRows =
  (database: Database): ReadRows =>
  async ({ name, columns }, by, keys) => {
    const values = columns.map((column) => `t."${column}"`).join(", ");
    const last = by.length - 1;
    const lists = by.map((_, place) => `json_each(${place === 0 ? "?" : `k${place - 1}.value`}) AS k${place}`);
    const equal = by.map((column, place) => `t."${column}" = k${place}.${place === last ? "value" : "key"}`);
    const text = `SELECT '[' || coalesce(group_concat(json_array(${values}), ','), '') || ']'
FROM ${lists.join(" CROSS JOIN ")} CROSS JOIN "${name}" AS t ON ${equal.join(" AND ")}`;
    return String(database.value({ text, parameters: [JSON.stringify(nested(keys))] }));
  };
