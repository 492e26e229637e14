import type { DatabaseServer } from "../remote/whole-database.ts";
import { connect } from "./connect.ts";
import { isUnknownDatabase } from "./database-error.ts";
import { mysql } from "./mysql-dialect.ts";

/** MariaDB and MySQL for those who look at a database as a whole. */
export const mysqlServer: DatabaseServer = {
  scheme: "mysql",
  connect,
  isUnknown: isUnknownDatabase,
  quote: mysql.quote,
  tables:
    "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'",
  others: `SELECT DISTINCT user, host FROM information_schema.processlist
    WHERE db = database() AND id <> connection_id() ORDER BY user, host LIMIT 5`,
  drop: (names) => ["SET SESSION foreign_key_checks = 0", `DROP TABLE ${names.join(", ")}`],
};
