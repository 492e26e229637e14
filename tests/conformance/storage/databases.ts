import { TestMariaDb } from "../../../packages/server/src/backends/sql/mysql/test-mariadb.ts";
import { testDatabases } from "../../../packages/server/src/backends/sql/test-storages.ts";
import type { Storage } from "../../../packages/server/src/backends/storage.ts";

/** Databases to play in. A server of MariaDB is started when the first one is wanted. */
export class Databases implements AsyncDisposable {
  readonly #opened = new AsyncDisposableStack();
  #mariaDb: Promise<TestMariaDb> | null = null;

  mariaDb(): Promise<TestMariaDb> {
    this.#mariaDb ??= TestMariaDb.start().then((server) => this.#opened.use(server));
    return this.#mariaDb;
  }

  /** An empty storage. @param backend `sqlite`, `mysql` or `postgresql` */
  async create(backend: string): Promise<Storage> {
    const wanted = backend === "mysql" ? "mariadb" : backend;
    const [, start] = testDatabases.find(([name]) => name.toLowerCase() === wanted) ?? [];
    if (!start) throw new Error(`Backend '${backend}' is not one of sqlite, mysql, postgresql`);
    const databases = this.#opened.use(await start());
    return this.#opened.use(await databases.create()).open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mariaDb?.catch(() => {}); // whoever wanted it has been told
    await this.#opened.disposeAsync();
  }
}
