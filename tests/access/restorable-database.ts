import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** Columns that every login changes. */
const restless = new Set(["HOST.lastSeen", "HOST.ipAddress", "USER.lastLogin", "USER.created"]);

/** Tables of the database itself, and the trail of who did what: what is in there stays. */
const notObjects = /^(sqlite_|AUDIT_TRAIL)/;

/** What a call has done to the rows of a table. */
export interface TableChange {
  readonly table: string;
  readonly added: readonly string[];
  readonly gone: readonly string[];
}

/** The database of a running server, whose changes since a moment can be told and taken back. */
export class RestorableDatabase implements Disposable {
  readonly #database: DatabaseSync;
  /** Statements that read a table, by its name. */
  readonly #tables: ReadonlyMap<string, StatementSync>;
  readonly #before: ReadonlyMap<string, readonly string[]>;

  /** From now on; the copy lies beside the database. */
  constructor(root: string) {
    const path = join(root, "var/lib/opsi/opsi.sqlite");
    this.#database = new DatabaseSync(path, { timeout: 10_000, enableForeignKeyConstraints: false });
    this.#database.exec(`VACUUM INTO '${path}.before'; ATTACH '${path}.before' AS before`);
    const named = this.#database
      .prepare("SELECT name FROM main.sqlite_master WHERE type = 'table' ORDER BY name")
      .all();
    const names = named.map(({ name }) => String(name)).filter((name) => !notObjects.test(name));
    this.#tables = new Map(names.map((name) => [name, this.#database.prepare(`SELECT * FROM main."${name}"`)]));
    this.#before = new Map([...this.#tables].map(([table, reading]) => [table, rows(table, reading)]));
  }

  /** Changes whenever somebody else has written. */
  get version(): number {
    return Number(this.#database.prepare("PRAGMA main.data_version").get()?.["data_version"]);
  }

  changes(): TableChange[] {
    return [...this.#tables].flatMap(([table, reading]) => {
      const before = new Set(this.#before.get(table));
      const now = new Set(rows(table, reading));
      const [added, gone] = [[...now.difference(before)], [...before.difference(now)]];
      return added.length + gone.length === 0 ? [] : [{ table, added, gone }];
    });
  }

  restore(changes: readonly TableChange[]): void {
    if (changes.length === 0) return;
    this.#database.exec("BEGIN IMMEDIATE");
    for (const { table } of changes) {
      this.#database.exec(`DELETE FROM main."${table}"; INSERT INTO main."${table}" SELECT * FROM before."${table}"`);
    }
    this.#database.exec("COMMIT");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function rows(table: string, reading: StatementSync): string[] {
  return reading.all().map((row) => {
    for (const key of Object.keys(row)) if (restless.has(`${table}.${key}`)) delete row[key];
    return JSON.stringify(row);
  });
}
