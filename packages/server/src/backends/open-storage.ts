import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type HardwareTypes, OpsiError } from "@opsi-ts/model";
import { dispatchedStorage, parseDispatch, type StorageName } from "./dispatch.ts";
import { FileStorage } from "./file/file-storage.ts";
import { parseMySqlUrl, readMySqlSettings } from "./sql/mysql/mysql-settings.ts";
import { MySqlStorage } from "./sql/mysql/mysql-storage.ts";
import type { ChangeWatch } from "./sql/sqlite/change-watch.ts";
import { SqliteStorage } from "./sql/sqlite/sqlite-storage.ts";
import type { Storage } from "./storage.ts";

/** Where a site says where its objects are, and what a storage has to know of it. */
export interface StorageSite {
  /** dispatch.conf of 4.2, which sites of 4.3 do not have any more. */
  readonly dispatch: string;
  /** Folder with mysql.conf. */
  readonly backends: string;
  /** Option `mysql-internal-url`, empty without one. It counts before the files. */
  readonly mysqlUrl: string;
  /** Folder of the database that a site has when it says nothing, and of the files of 4.2. */
  readonly state: string;
  /** Host keys of the files of 4.2. */
  readonly hostKeys: string;
  /** The depot that is the config server. */
  readonly serverId: string;
  readonly hardware: HardwareTypes;
  /** Sees every change of a storage that can show them: SQLite. */
  readonly watch: ChangeWatch | null;
  /** Is told what went wrong without being lost. */
  onProblem(message: string): void;
}

/** A site of 4.3 has no dispatch.conf: there it is MySQL, always. (storage 1.4) */
function chosenStorage({ dispatch, backends, mysqlUrl }: StorageSite): StorageName {
  if (mysqlUrl !== "") return "mysql";
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
export async function openStorage(site: StorageSite): Promise<Storage> {
  const chosen = chosenStorage(site);
  switch (chosen) {
    case "mysql": {
      const { mysqlUrl, backends, hardware } = site;
      const settings = mysqlUrl === "" ? readMySqlSettings(join(backends, "mysql.conf")) : parseMySqlUrl(mysqlUrl);
      return MySqlStorage.open(settings, hardware, ({ message }) => site.onProblem(message));
    }
    case "sqlite":
      return SqliteStorage.open(join(site.state, "opsi.sqlite"), site.hardware, site.watch);
    case "file":
      return FileStorage.open(join(site.state, "config"), {
        configserverId: site.serverId,
        hostKeys: site.hostKeys,
        hardware: site.hardware,
        onProblem: ({ path, line, message }) => site.onProblem(`${path}, line ${line}: ${message}`),
      });
    default:
      return chosen satisfies never;
  }
}
