import { defaultHardwareTypes, type HardwareTypes, type OpsiError } from "@opsi-ts/model";
import type { ChangeWatch } from "../change-watch.ts";
import { Database } from "../remote/database.ts";
import type { DatabaseSettings } from "../remote/database-settings.ts";
import { RemoteStorage } from "../remote/remote-storage.ts";
import { RemoteTables } from "../remote/remote-tables.ts";
import { repeatUntilDone } from "../remote/repeat.ts";
import { connect } from "./connect.ts";
import { postgresql } from "./postgresql-dialect.ts";
import { createDatabase, prepareDatabase } from "./prepare-database.ts";

/** Objects in a database of PostgreSQL: tables and columns have the original's names, types and indexes are our own. */
export class PostgresqlStorage extends RemoteStorage {
  /**
   * Waits half a minute for a database that is just starting. The database and its tables are created when missing.
   *
   * @param hardwareTypes the classes of the hardware inventory, which get their tables
   * @param onLost is told when the database is not there
   * @param watch sees every change
   * @throws BackendUnableToConnectError for a refusal
   * @throws BackendConfigurationError for a database that cannot hold all characters
   */
  static async open(
    settings: DatabaseSettings,
    hardwareTypes: HardwareTypes = defaultHardwareTypes,
    onLost: (reason: OpsiError) => void = () => {},
    watch: ChangeWatch | null = null,
  ): Promise<PostgresqlStorage> {
    const tables = new RemoteTables(postgresql, hardwareTypes);
    await repeatUntilDone(() => createDatabase(settings), onLost);
    await using opening = new AsyncDisposableStack();
    const open = () => connect(settings, settings.database);
    const database = opening.use(new Database(open, settings.connections, onLost));
    await database.read((connection) => prepareDatabase(connection, tables.hardware));
    await RemoteStorage.watch("postgresql", database, tables, watch);
    opening.move();
    return new PostgresqlStorage(database, tables);
  }
}
