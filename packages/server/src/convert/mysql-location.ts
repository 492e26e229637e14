import { join } from "node:path";
import type { OpsiError } from "@opsi-ts/model";
import type { StorageSite } from "../backends/open-storage.ts";
import { mysql } from "../backends/sql/mysql/mysql-dialect.ts";
import { parseMySqlUrl, readMySqlSettings } from "../backends/sql/mysql/mysql-settings.ts";
import { MySqlStorage } from "../backends/sql/mysql/mysql-storage.ts";
import { databaseAddress, dropTables, holdsRows, otherUsers } from "../backends/sql/mysql/whole-database.ts";
import type { Location } from "./location.ts";

/**
 * A database of MySQL or MariaDB. What is half converted is in it already: the site does not open it. (backends/conversion.ts)
 *
 * @param url another one than that of the site
 */
export function mysqlLocation(site: StorageSite, url = site.mysqlUrl): Location {
  const settings = url === "" ? readMySqlSettings(join(site.backends, "mysql.conf")) : parseMySqlUrl(url);
  const onLost = ({ message }: OpsiError) => site.onProblem(message);
  return {
    backend: "mysql",
    name: databaseAddress(settings),
    capacity: { dialect: mysql, foldsAccents: true, configserverId: null },
    usedBy: () => otherUsers(settings),
    holdsObjects: () => holdsRows(settings),
    async openSource() {
      return await MySqlStorage.open(settings, site.hardware, onLost, "none");
    },
    openTarget: () => MySqlStorage.open(settings, site.hardware, onLost, "tables"),
    clearTarget: () => dropTables(settings),
    settle: async () => null,
  };
}
