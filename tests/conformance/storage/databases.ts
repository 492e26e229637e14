import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MySqlStorage } from "../../../packages/server/src/backends/sql/mysql/mysql-storage.ts";
import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { SqliteStorage } from "../../../packages/server/src/backends/sql/sqlite/sqlite-storage.ts";
import type { Storage } from "../../../packages/server/src/backends/storage.ts";

/** Databases to play in. A server of MariaDB is started when the first one is wanted. */
export class Databases implements AsyncDisposable {
  readonly #opened = new AsyncDisposableStack();
  #server: Promise<TestMariaDb> | null = null;

  mariaDb(): Promise<TestMariaDb> {
    this.#server ??= TestMariaDb.start().then((server) => this.#opened.use(server));
    return this.#server;
  }

  /** An empty one. @param backend `sqlite` or `mysql` */
  async create(backend: string): Promise<Storage> {
    if (backend === "mysql") return MySqlStorage.open((await this.mariaDb()).newDatabase());
    if (backend !== "sqlite") throw new Error(`Backend '${backend}' is not one of sqlite, mysql`);
    const folder = await mkdtemp(join(tmpdir(), "play-storage-"));
    this.#opened.defer(() => rm(folder, { recursive: true, force: true }));
    return SqliteStorage.open(join(folder, "opsi.sqlite"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.catch(() => {}); // whoever wanted it has been told
    await this.#opened.disposeAsync();
  }
}
