import {
  type DatabaseKind,
  type DatabaseSettings,
  parseDatabaseUrl,
  readDatabaseSettings,
} from "../remote/database-settings.ts";

const postgresql: DatabaseKind = {
  option: "postgresql-internal-url",
  scheme: "postgresql",
  protocol: /^postgres(ql)?:$/,
  port: 5432,
  readsPort: true,
};

/** Reads postgresql.conf of the folder `backends`. @throws BackendConfigurationError for a file that makes no sense */
export const readPostgresqlSettings = (path: string): DatabaseSettings => readDatabaseSettings(path, postgresql);

/** Reads option `postgresql-internal-url`. @throws BackendConfigurationError for another kind of address */
export const parsePostgresqlUrl = (text: string): DatabaseSettings => parseDatabaseUrl(text, postgresql);
