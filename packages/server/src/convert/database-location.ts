import { isOpsiError, type OpsiError } from "@opsi-ts/model";
import { mysqlSettings, postgresqlSettings, type StorageSite } from "../backends/open-storage.ts";
import { copyDatabase } from "../backends/sql/mysql/copy-database.ts";
import { mysql } from "../backends/sql/mysql/mysql-dialect.ts";
import { mysqlServer } from "../backends/sql/mysql/mysql-server.ts";
import { MySqlStorage } from "../backends/sql/mysql/mysql-storage.ts";
import type { Preparation } from "../backends/sql/mysql/prepare-database.ts";
import { postgresql } from "../backends/sql/postgresql/postgresql-dialect.ts";
import { postgresqlServer } from "../backends/sql/postgresql/postgresql-server.ts";
import { PostgresqlStorage } from "../backends/sql/postgresql/postgresql-storage.ts";
import type { DatabaseSettings } from "../backends/sql/remote/database-settings.ts";
import {
  type DatabaseServer,
  databaseAddress,
  dropTables,
  holdsRows,
  otherUsers,
} from "../backends/sql/remote/whole-database.ts";
import type { Location } from "./location.ts";

/** What all servers have in common: what is half converted is there already, and no site opens it. (conversion.ts) */
const onServer = (server: DatabaseServer, settings: DatabaseSettings) => ({
  name: databaseAddress(server, settings),
  usedBy: () => otherUsers(server, settings),
  holdsObjects: () => holdsRows(server, settings),
  clearTarget: () => dropTables(server, settings),
  settle: async () => null,
});

/** @param url another database than that of the site */
export function mysqlLocation(site: StorageSite, url?: string): Location {
  const settings = mysqlSettings(url === undefined ? site : { ...site, mysqlUrl: url });
  const open = (database: DatabaseSettings, preparation: Preparation) =>
    MySqlStorage.open(database, site.hardware, ({ message }: OpsiError) => site.onProblem(message), preparation);
  return {
    ...onServer(mysqlServer, settings),
    backend: "mysql",
    capacity: { dialect: mysql, foldsAccents: true, configserverId: null },
    async openSource(opened) {
      try {
        return opened.use(await open(settings, "none"));
      } catch (error) {
        if (!isOpsiError(error, "BackendConfigurationError")) throw error;
        const copy = opened.use(await copyDatabase(settings)); // one of an older version
        return opened.use(await open(copy.settings, "full"));
      }
    },
    openTarget: () => open(settings, "tables"),
  };
}

/** @param url another database than that of the site */
export function postgresqlLocation(site: StorageSite, url?: string): Location {
  const settings = postgresqlSettings(url === undefined ? site : { ...site, postgresqlUrl: url });
  const open = () =>
    PostgresqlStorage.open(settings, site.hardware, ({ message }: OpsiError) => site.onProblem(message));
  return {
    ...onServer(postgresqlServer, settings),
    backend: "postgresql",
    capacity: { dialect: postgresql, foldsAccents: false, configserverId: null },
    openSource: async (opened) => opened.use(await open()),
    openTarget: open,
  };
}
