import { defaultHardwareTypes, type HardwareTypes, type OpsiError } from "@opsi-ts/model";
import type { ObjectStore } from "../../storage.ts";
import type { ChangeWatch } from "../change-watch.ts";
import { Database } from "../remote/database.ts";
import { RemoteStorage } from "../remote/remote-storage.ts";
import { RemoteStore } from "../remote/remote-store.ts";
import { RemoteTables } from "../remote/remote-tables.ts";
import { repeatUntilDone } from "../remote/repeat.ts";
import { connect } from "./connect.ts";
import { mysql } from "./mysql-dialect.ts";
import type { MySqlSettings } from "./mysql-settings.ts";
import { createDatabase, type Preparation, prepareDatabase } from "./prepare-database.ts";

/** Objects in a database of MySQL or MariaDB that the original can use, too. (storage 6) */
export class MySqlStorage extends RemoteStorage {
  /**
   * Waits half a minute for a database that is just starting. The database and its tables are created when missing.
   *
   * @param hardwareTypes the classes of the hardware inventory, which get their tables
   * @param onLost is told when the database is not there
   * @param preparation `full` as a start of the service does it; `tables`: nothing is cleaned up; `none`: the database is
   *   not changed
   * @param addReferenced adds the keys that rows refer to, of objects that lie in another storage: rows that refer to
   *   nothing are removed
   * @param watch sees every change
   * @throws BackendUnableToConnectError for a refusal
   * @throws BackendConfigurationError for a database that would have to be changed and must not
   */
  static async open(
    settings: MySqlSettings,
    hardwareTypes: HardwareTypes = defaultHardwareTypes,
    onLost: (reason: OpsiError) => void = () => {},
    preparation: Preparation = "full",
    addReferenced: (store: ObjectStore) => Promise<void> = async () => {},
    watch: ChangeWatch | null = null,
  ): Promise<MySqlStorage> {
    const tables = new RemoteTables(mysql, hardwareTypes);
    if (preparation !== "none") await repeatUntilDone(() => createDatabase(settings), onLost);
    const open = () => connect(settings, settings.database);
    await using opening = new AsyncDisposableStack();
    const database = opening.use(new Database(open, settings.connections, onLost));
    await database.read((connection) => {
      const add = () =>
        connection.transaction(mysql.begin.change, () => addReferenced(new RemoteStore(connection, tables, true)));
      return prepareDatabase(connection, [...tables.hardware.layouts.values()], preparation, add);
    });
    await RemoteStorage.watch("mysql", database, tables, watch);
    opening.move();
    return new MySqlStorage(database, tables);
  }
}
