import { OpsiError } from "@opsi-ts/model";
import { raw } from "../fragment.ts";
import { connect } from "./connect.ts";
import { mysql } from "./mysql-dialect.ts";
import { mysqlServer } from "./mysql-server.ts";
import type { MySqlSettings } from "./mysql-settings.ts";

/** A database that may be changed, for as long as it is needed. */
export interface DatabaseCopy extends AsyncDisposable {
  readonly settings: MySqlSettings;
}

/**
 * Copies a database on its server, so that it can be brought up to date without a change to the one that is in use.
 * A copy that an interrupted program has left is replaced. Foreign keys are not copied.
 *
 * @throws BackendUnableToConnectError where the user may not create a database
 */
export async function copyDatabase(settings: MySqlSettings): Promise<DatabaseCopy> {
  const copy = { ...settings, database: `${settings.database.slice(0, 57)}_copied` };
  const [from, to] = [mysql.quote(settings.database), mysql.quote(copy.database)];
  const drop = async () => {
    const connection = await connect(settings, settings.database);
    try {
      await connection.execute(`DROP DATABASE IF EXISTS ${to}`);
    } finally {
      await connection.close();
    }
  };
  const connection = await connect(settings, settings.database);
  try {
    await connection.execute(`DROP DATABASE IF EXISTS ${to}`);
    await connection.execute(`CREATE DATABASE ${to}`);
    for (const [name] of await connection.rows(raw(mysqlServer.tables))) {
      const table = mysql.quote(String(name));
      await connection.execute(`CREATE TABLE ${to}.${table} LIKE ${from}.${table}`);
      await connection.execute(`INSERT INTO ${to}.${table} SELECT * FROM ${from}.${table}`);
    }
  } catch (cause) {
    await drop().catch(() => {}); // half a copy may have filled the disk; why there is none is what counts
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The database '${settings.database}' is one of an older version, and cannot be copied to be brought up to date: ${reason}. GRANT ALL ON ${to}.* TO the user, or start a service on it, which changes it`;
    throw new OpsiError("BackendUnableToConnectError", message, { cause });
  } finally {
    await connection.close();
  }
  return { settings: copy, [Symbol.asyncDispose]: drop };
}
