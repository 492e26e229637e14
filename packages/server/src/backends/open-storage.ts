import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type HardwareTypes, OpsiError } from "@opsi-ts/model";
import { dispatchedStorage, parseDispatch, type StorageName } from "./dispatch.ts";
import { readMySqlSettings } from "./sql/mysql/mysql-settings.ts";
import { MySqlStorage } from "./sql/mysql/mysql-storage.ts";
import { SqliteStorage } from "./sql/sqlite/sqlite-storage.ts";
import type { Storage } from "./storage.ts";

/** Where a site says where its objects are. */
export interface StoragePlaces {
  /** dispatch.conf of 4.2, which sites of 4.3 do not have any more. */
  readonly dispatch: string;
  /** Folder with mysql.conf. */
  readonly backends: string;
  /** Folder of the database that a site has when it says nothing. */
  readonly state: string;
}

/** A site of 4.3 has no dispatch.conf: there it is MySQL, always. (storage 1.4) */
function chosenStorage({ dispatch, backends }: StoragePlaces): StorageName {
  const mysqlConf = join(backends, "mysql.conf");
  if (!existsSync(dispatch)) return existsSync(mysqlConf) ? "mysql" : "sqlite";
  const chosen = dispatchedStorage(parseDispatch(readFileSync(dispatch, "utf8"), dispatch), dispatch) ?? "sqlite";
  if (chosen === "mysql" && !existsSync(mysqlConf)) {
    throw new OpsiError(
      "BackendConfigurationError",
      `${dispatch} sends the objects to 'mysql', but there is no ${mysqlConf}`,
    );
  }
  return chosen;
}

/**
 * Opens the objects of a site, wherever it has them. Without any configuration they are in an SQLite file.
 *
 * @throws BackendConfigurationError naming file, line and what was expected
 */
export async function openStorage(places: StoragePlaces, hardware: HardwareTypes): Promise<Storage> {
  const chosen = chosenStorage(places);
  switch (chosen) {
    case "mysql":
      return openMySql(join(places.backends, "mysql.conf"), hardware);
    case "sqlite":
      return SqliteStorage.open(join(places.state, "opsi.sqlite"), hardware);
    case "file":
      throw new OpsiError(
        "BackendConfigurationError",
        `${places.dispatch} sends the objects to 'file': 'mysql' or 'sqlite' was expected`,
      );
    default:
      return chosen satisfies never;
  }
}

async function openMySql(conf: string, hardware: HardwareTypes): Promise<Storage> {
  await using opening = new AsyncDisposableStack();
  const storage = opening.use(await MySqlStorage.open(readMySqlSettings(conf), hardware));
  await storage.cleanUp();
  opening.move();
  return storage;
}
