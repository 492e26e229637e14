import type { StatementRunner, WatchedDatabase } from "../change-watch.ts";
import type { Database } from "./database.ts";
import type { RemoteDialect } from "./remote-dialect.ts";

/** A database as what a watch makes of its changes can lie in it. */
export class WatchedRemote implements WatchedDatabase {
  readonly kind: "mysql" | "postgresql";
  readonly dialect: RemoteDialect;
  readonly lock = " FOR UPDATE";
  readonly #database: Database;

  constructor(kind: "mysql" | "postgresql", dialect: RemoteDialect, database: Database) {
    this.kind = kind;
    this.dialect = dialect;
    this.#database = database;
  }

  read<T>(work: (runner: StatementRunner) => Promise<T>): Promise<T> {
    return this.#database.read((connection) =>
      connection.transaction(this.dialect.begin.snapshot, () => work(connection)),
    );
  }

  transaction<T>(work: (runner: StatementRunner) => Promise<T>): Promise<T> {
    return this.#database.transaction(work, { begin: this.dialect.begin.change, isRepeatable: false });
  }

  execute(text: string): Promise<void> {
    return this.#database.read((connection) => connection.execute(text));
  }
}
