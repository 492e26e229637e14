import { raw } from "../fragment.ts";
import { tables } from "../tables.ts";
import type { Connection } from "./connection.ts";
import type { DatabaseSettings } from "./database-settings.ts";

/*
 * A database as a whole, before it is opened as a storage: opening one creates tables or brings them up to date.
 */

/** What differs between the servers. */
export interface DatabaseServer {
  readonly scheme: string;
  connect(settings: DatabaseSettings, database: string): Promise<Connection>;
  /** Whether a connection failed because there is no such database. */
  isUnknown(error: unknown): boolean;
  quote(name: string): string;
  /** Yields the names of the tables of the database. */
  readonly tables: string;
  /** Yields user and host of others who are connected. */
  readonly others: string;
  /** Drops the tables of which the quoted names are given, whatever refers to them. */
  drop(names: readonly string[]): readonly string[];
}

/** How people know a database; without the password. */
export const databaseAddress = ({ scheme }: DatabaseServer, { address, port, username, database }: DatabaseSettings) =>
  `${scheme}://${username}@${address}${address.startsWith("/") ? "" : `:${port}`}/${database}`;

/** Null where the server has no such database. */
async function inDatabase<T>(
  server: DatabaseServer,
  settings: DatabaseSettings,
  work: (connection: Connection) => Promise<T>,
): Promise<T | null> {
  let connection: Connection;
  try {
    connection = await server.connect(settings, settings.database);
  } catch (error) {
    if (server.isUnknown(error)) return null;
    throw error;
  }
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

const known = new Set(tables.map(({ name }) => name));
const versions = "OPSI_SCHEMA";
const isOpsiTable = (name: string) => known.has(name) || name === versions || /^HARDWARE_(DEVICE|CONFIG)_/.test(name);

async function opsiTables({ tables: query }: DatabaseServer, connection: Connection): Promise<string[]> {
  return (await connection.rows(raw(query))).map(([name]) => String(name)).filter(isOpsiTable);
}

/** Whether there is a row in any table of opsi, of whatever version. */
export async function holdsRows(server: DatabaseServer, settings: DatabaseSettings): Promise<boolean> {
  const found = await inDatabase(server, settings, async (connection) => {
    for (const name of await opsiTables(server, connection)) {
      if (name === versions) continue;
      const rows = await connection.rows(raw(`SELECT 1 FROM ${server.quote(name)} LIMIT 1`));
      if (rows.length > 0) return true;
    }
    return false;
  });
  return found ?? false;
}

/** Drops the tables of opsi; others that are in the database stay. */
export async function dropTables(server: DatabaseServer, settings: DatabaseSettings): Promise<void> {
  await inDatabase(server, settings, async (connection) => {
    const names = (await opsiTables(server, connection)).map(server.quote);
    if (names.length === 0) return;
    for (const statement of server.drop(names)) await connection.execute(statement);
  });
}

/** Who else is connected, as far as our user may see it; null for nobody. */
export async function otherUsers(server: DatabaseServer, settings: DatabaseSettings): Promise<string | null> {
  const rows = await inDatabase(server, settings, (connection) => connection.rows(raw(server.others)));
  return rows && rows.length > 0 ? rows.map(([user, host]) => `${user}@${host}`).join(", ") : null;
}
