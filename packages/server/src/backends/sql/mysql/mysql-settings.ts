import {
  type DatabaseKind,
  type DatabaseSettings,
  parseDatabaseUrl,
  readDatabaseSettings,
} from "../remote/database-settings.ts";

export type MySqlSettings = DatabaseSettings;

const mysql: DatabaseKind = {
  option: "mysql-internal-url",
  scheme: "mysql",
  protocol: /^mysql(\+\w+)?:$/,
  port: 3306,
  readsPort: false,
};

/** Reads mysql.conf. @throws BackendConfigurationError for a file that makes no sense */
export const readMySqlSettings = (path: string): MySqlSettings => readDatabaseSettings(path, mysql);

/** Reads option `mysql-internal-url`. @throws BackendConfigurationError for another kind of address */
export const parseMySqlUrl = (text: string): MySqlSettings => parseDatabaseUrl(text, mysql);
