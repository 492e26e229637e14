import { raw } from "../fragment.ts";
import type { Connection } from "../remote/connection.ts";
import { tables } from "../tables.ts";
import { connect } from "./connect.ts";
import { isUnknownDatabase } from "./database-error.ts";
import { readSchema } from "./existing-schema.ts";
import { mysql } from "./mysql-dialect.ts";
import type { MySqlSettings } from "./mysql-settings.ts";

/*
 * A database as a whole, before it is opened as a storage: opening one of an older version changes it.
 */

/** How people know a database; without the password. */
export const databaseAddress = ({ address, port, username, database }: MySqlSettings): string =>
  `mysql://${username}@${address}${address.startsWith("/") ? "" : `:${port}`}/${database}`;

/** Null where the server has no such database. */
async function inDatabase<T>(settings: MySqlSettings, work: (connection: Connection) => Promise<T>): Promise<T | null> {
  let connection: Connection;
  try {
    connection = await connect(settings, settings.database);
  } catch (error) {
    if (isUnknownDatabase(error)) return null;
    throw error;
  }
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

const known = new Set(tables.map(({ name }) => name));
const isOpsiTable = (name: string) =>
  known.has(name) || name === "OPSI_SCHEMA" || /^HARDWARE_(DEVICE|CONFIG)_/.test(name);

async function opsiTables(connection: Connection): Promise<string[]> {
  return [...(await readSchema(connection)).keys()].filter(isOpsiTable);
}

/** Whether there is a row in any table of opsi, of whatever version. */
export async function holdsRows(settings: MySqlSettings): Promise<boolean> {
  const found = await inDatabase(settings, async (connection) => {
    for (const name of await opsiTables(connection)) {
      if (name === "OPSI_SCHEMA") continue;
      const rows = await connection.rows(raw(`SELECT 1 FROM ${mysql.quote(name)} LIMIT 1`));
      if (rows.length > 0) return true;
    }
    return false;
  });
  return found ?? false;
}

/** Drops the tables of opsi; others that are in the database stay. */
export async function dropTables(settings: MySqlSettings): Promise<void> {
  await inDatabase(settings, async (connection) => {
    const names = (await opsiTables(connection)).map(mysql.quote);
    if (names.length === 0) return;
    await connection.execute("SET SESSION foreign_key_checks = 0");
    await connection.execute(`DROP TABLE ${names.join(", ")}`);
  });
}

/** Who else is connected, as far as our user may see it; null for nobody. */
export async function otherUsers(settings: MySqlSettings): Promise<string | null> {
  const others = `SELECT DISTINCT user, host FROM information_schema.processlist
    WHERE db = database() AND id <> connection_id() ORDER BY user, host LIMIT 5`;
  const rows = await inDatabase(settings, (connection) => connection.rows(raw(others)));
  return rows && rows.length > 0 ? rows.map(([user, host]) => `${user}@${host}`).join(", ") : null;
}
