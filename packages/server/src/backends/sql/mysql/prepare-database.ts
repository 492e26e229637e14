import { OpsiError } from "@opsi-ts/model";
import { raw, sql } from "../fragment.ts";
import type { HardwareLayout } from "../hardware/hardware-layout.ts";
import type { Connection } from "../remote/connection.ts";
import { columnsByTable } from "../schema.ts";
import { currentTime, type Table, tables } from "../tables.ts";
import { cleanUp, wrongDepots } from "./clean-up.ts";
import { connect } from "./connect.ts";
import { createTable } from "./create-table.ts";
import { isUnknownDatabase } from "./database-error.ts";
import { type ExistingTable, readSchema } from "./existing-schema.ts";
import { columnChanges } from "./fit-table.ts";
import { addForeignKeys, migrate } from "./migrate.ts";
import { mysql } from "./mysql-dialect.ts";
import type { MySqlSettings } from "./mysql-settings.ts";

/** The original's number of the schema of 4.3. (storage 6.6) */
const schemaVersion = 13;

/** Minutes to wait for another node that prepares the same database. */
const patience = 10;

const versions: Table = {
  name: "OPSI_SCHEMA",
  columns: ["version", "updateStarted", "updateEnded"],
  primaryKey: ["version"],
  notNull: ["updateStarted"],
  defaults: { updateStarted: currentTime },
  types: { version: "int", updateStarted: "timestamp", updateEnded: "timestamp" },
};

/** Creates the database itself if the server does not have it. */
export async function createDatabase(settings: MySqlSettings): Promise<void> {
  try {
    await (await connect(settings, settings.database)).close();
  } catch (error) {
    if (!isUnknownDatabase(error)) throw error;
    const connection = await connect(settings, null);
    try {
      await connection.execute(`CREATE DATABASE IF NOT EXISTS ${mysql.quote(settings.database)}`);
    } finally {
      await connection.close();
    }
  }
}

/** What may be done to a database before it is used. */
export type Preparation = "full" | "tables" | "none";

/**
 * Creates what is missing of the original's schema and of the tables of the hardware classes, brings a database of an
 * older version up to date, and cleans up. When several nodes start at once, one does it and the others wait; whoever
 * loses its connection gives its turn up.
 *
 * @param addReferenced adds what rows refer to and what lies in another storage: rows that refer to nothing are removed
 * @throws BackendConfigurationError for a schema that is newer than ours, or that is not of today and must not be changed
 * @see storage 6.6, 7.1
 */
export async function prepareDatabase(
  connection: Connection,
  hardware: readonly HardwareLayout[],
  preparation: Preparation,
  addReferenced: () => Promise<void>,
): Promise<void> {
  if (preparation === "none") return checkDatabase(connection, hardware);
  await alone(connection, async () => {
    await connection.execute(createTable(versions, undefined));
    const isCurrent = (await storedVersion(connection)) === schemaVersion;
    if (!isCurrent) await update(connection, hardware);
    await createMissing(connection, hardware);
    await addReferenced();
    if (!isCurrent) await addForeignKeys(connection, hardware);
    if (preparation === "full") await connection.transaction(mysql.begin.change, () => cleanUp(connection, hardware));
    if (!isCurrent) await endUpdate(connection);
  });
}

async function alone(connection: Connection, work: () => Promise<void>): Promise<void> {
  // A lock has a name of 64 characters at most, as a database has.
  const name = raw("concat('opsi schema ', md5(database()))");
  let isOurs = false;
  for (let minute = 0; minute < patience && !isOurs; minute++) {
    isOurs = (await connection.value(sql`SELECT get_lock(${name}, 60)`)) === 1;
  }
  if (!isOurs) throw new OpsiError("BackendTemporaryError", "Another server is still preparing the database");
  try {
    await work();
  } finally {
    if (!connection.isLost) await connection.rows(sql`SELECT release_lock(${name})`);
  }
}

async function checkDatabase(connection: Connection, hardware: readonly HardwareLayout[]): Promise<void> {
  const schema = await readSchema(connection);
  const version = schema.has(versions.name) ? await newestVersion(connection) : null;
  const isMissing = version !== schemaVersion || [...missing(schema, hardware)].length > 0;
  if (isMissing) throw new OpsiError("BackendConfigurationError", "The database is not one of today's schema");
}

/** An update that did not end. */
const unfinished = `"updateEnded" IS NULL OR "updateEnded" = '0000-00-00 00:00:00'`;

/** Null for an empty database. An update that did not end does not count. */
async function storedVersion(connection: Connection): Promise<number | null> {
  await connection.execute(`DELETE FROM "OPSI_SCHEMA" WHERE ${unfinished}`);
  return newestVersion(connection);
}

async function newestVersion(connection: Connection): Promise<number | null> {
  const found = await connection.value(raw(`SELECT max("version") FROM "OPSI_SCHEMA" WHERE NOT (${unfinished})`));
  if (Number(found) > schemaVersion) {
    throw new OpsiError(
      "BackendConfigurationError",
      `The database has schema version ${found}, this server knows versions up to ${schemaVersion}`,
    );
  }
  return found === null ? null : Number(found);
}

async function update(connection: Connection, hardware: readonly HardwareLayout[]): Promise<void> {
  await connection.execute(`INSERT INTO "OPSI_SCHEMA" ("version") VALUES (${schemaVersion})`);
  await migrate(connection, hardware);
}

async function endUpdate(connection: Connection): Promise<void> {
  await connection.execute(wrongDepots);
  await connection.execute(
    `UPDATE "OPSI_SCHEMA" SET "updateEnded" = CURRENT_TIMESTAMP WHERE "version" = ${schemaVersion}`,
  );
}

/** Classes and attributes that came into the configuration get tables and columns; nothing is ever dropped. (6.5) */
async function createMissing(connection: Connection, layouts: readonly HardwareLayout[]): Promise<void> {
  for (const statement of missing(await readSchema(connection), layouts)) await connection.execute(statement);
}

/** Statements that make the database complete. */
function* missing(schema: ReadonlyMap<string, ExistingTable>, layouts: readonly HardwareLayout[]): Iterable<string> {
  const types = columnsByTable();
  for (const table of [...tables, ...layouts.flatMap(({ device, piece }) => [device, piece])]) {
    const existing = schema.get(table.name);
    if (!existing) yield createTable(table, types.get(table.name));
    else if (!tables.includes(table)) {
      const changes = columnChanges(table, existing, undefined);
      const name = mysql.quote(table.name);
      if (changes.length > 0) yield `ALTER TABLE ${name} ${changes.join(", ")}`;
    }
  }
}
