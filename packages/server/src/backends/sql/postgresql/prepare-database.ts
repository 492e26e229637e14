import { createHash } from "node:crypto";
import { OpsiError } from "@opsi-ts/model";
import { raw, sql } from "../fragment.ts";
import { createHardwareTables, type ExistingColumns } from "../hardware/create-hardware-tables.ts";
import type { HardwareTables } from "../hardware/hardware-tables.ts";
import type { Connection } from "../remote/connection.ts";
import type { DatabaseSettings } from "../remote/database-settings.ts";
import { createSchema } from "../schema.ts";
import { connect } from "./connect.ts";
import { isExistingDatabase, isUnknownDatabase } from "./database-error.ts";
import { postgresql, schemaTable } from "./postgresql-dialect.ts";
import { createTextOrder, textCollation } from "./text-order.ts";

/** A database that every server has. */
const maintenanceDatabase = "postgres";

/** Of the lock that a server has while it prepares the database: `opsi` in bytes. */
const lockNumber = 0x6f_70_73_69;

/** Minutes to wait for another server that prepares the same database. */
const patience = 10;

/** Creates the database itself if the server does not have it. */
export async function createDatabase(settings: DatabaseSettings): Promise<void> {
  try {
    await (await connect(settings, settings.database)).close();
  } catch (error) {
    if (!isUnknownDatabase(error)) throw error;
    const connection = await connect(settings, maintenanceDatabase);
    try {
      const name = postgresql.quote(settings.database);
      await connection.execute(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
    } catch (failure) {
      if (!isExistingDatabase(failure)) throw failure; // another server was faster
    } finally {
      await connection.close();
    }
  }
}

/**
 * Creates what is missing, all of it in one transaction. When several servers start at once, one does it and the others
 * wait. Where nothing is missing, nobody waits: looking whether an index is there would hold up all who write.
 *
 * @throws BackendConfigurationError for a database that cannot hold all characters
 * @see storage 6.2, 6.5
 */
export async function prepareDatabase(connection: Connection, { layouts }: HardwareTables): Promise<void> {
  await checkEncoding(connection);
  const statements = (existing: ExistingColumns) =>
    [...createTextOrder, ...createSchema(postgresql), ...createHardwareTables(layouts, existing, postgresql)].join(
      ";\n",
    );
  const digest = createHash("sha256")
    .update(statements(() => new Set()))
    .digest("hex");
  const isReady = async () => (await wasPrepared(connection, digest)) && !(await sortsDifferently(connection));
  if (await isReady()) return;
  await connection.transaction(postgresql.begin.change, async () => {
    await connection.execute(
      `SET LOCAL lock_timeout = '${patience}min'; SELECT pg_advisory_xact_lock(${lockNumber}); SET LOCAL lock_timeout = '1min'`,
    );
    if (await isReady()) return; // another server was faster
    const columns = Map.groupBy(await connection.rows(raw(columnsQuery)), ([table]) => table);
    const existing = (table: string) => new Set((columns.get(table) ?? []).map(([, column]) => String(column)));
    await connection.execute(statements(existing));
    if (await sortsDifferently(connection)) await sortAnew(connection);
    await connection.execute(
      `CREATE TABLE IF NOT EXISTS ${schemaTable} ("digest" text PRIMARY KEY);
       INSERT INTO ${schemaTable} VALUES ('${digest}') ON CONFLICT DO NOTHING`,
    );
  });
}

const columnsQuery =
  "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()";

async function checkEncoding(connection: Connection): Promise<void> {
  const encoding = await connection.value(raw("SHOW server_encoding"));
  if (encoding === "UTF8") return;
  throw new OpsiError(
    "BackendConfigurationError",
    `The database has the encoding ${encoding}, UTF8 was expected: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'`,
  );
}

/** Whether the database was prepared for the same tables before: nothing is ever dropped. */
async function wasPrepared(connection: Connection, digest: string): Promise<boolean> {
  const isThere = raw(`SELECT to_regclass('${schemaTable}') IS NOT NULL`);
  if ((await connection.value(isThere)) !== 1) return false;
  return (await connection.value(sql`SELECT 1 FROM ${raw(schemaTable)} WHERE "digest" = ${digest}`)) === 1;
}

/** Another version of ICU, which comes with an upgrade of the system, may sort differently than the indexes are. */
async function sortsDifferently(connection: Connection): Promise<boolean> {
  const isOther = `SELECT collversion IS DISTINCT FROM pg_collation_actual_version(oid) FROM pg_collation
    WHERE oid = '${textCollation}'::regcollation`;
  return (await connection.value(raw(isOther))) === 1;
}

async function sortAnew(connection: Connection): Promise<void> {
  const tables = await connection.rows(raw("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"));
  for (const [name] of tables) await connection.execute(`REINDEX TABLE ${postgresql.quote(String(name))}`);
  await connection.execute(`ALTER COLLATION ${textCollation} REFRESH VERSION`);
}
