import type { DatabaseServer } from "../remote/whole-database.ts";
import { connect } from "./connect.ts";
import { isUnknownDatabase } from "./database-error.ts";
import { postgresql } from "./postgresql-dialect.ts";

/** PostgreSQL for those who look at a database as a whole. */
export const postgresqlServer: DatabaseServer = {
  scheme: "postgresql",
  connect,
  isUnknown: isUnknownDatabase,
  quote: postgresql.quote,
  tables: "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
  others: `SELECT DISTINCT usename, coalesce(host(client_addr), 'localhost') AS host FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    ORDER BY usename, host LIMIT 5`,
  drop: (names) => [`DROP TABLE ${names.join(", ")} CASCADE`],
};
