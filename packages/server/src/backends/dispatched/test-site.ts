import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultHardwareTypes, type HardwareTypes } from "@opsi-ts/model";
import type { StorageName } from "../dispatch.ts";
import { openNamedStorage, openStorage, type StorageSite } from "../open-storage.ts";
import type { MySqlSettings } from "../sql/mysql/mysql-settings.ts";
import type { Storage } from "../storage.ts";

/** A site with a dispatch.conf in a temporary folder. */
export class TestSite implements AsyncDisposable {
  readonly folder: string;
  readonly problems: string[] = [];
  readonly #site: StorageSite;

  private constructor(folder: string, hardware: HardwareTypes) {
    this.folder = folder;
    this.#site = {
      dispatch: join(folder, "dispatch.conf"),
      backends: folder,
      mysqlUrl: "",
      postgresqlUrl: "",
      state: folder,
      hostKeys: join(folder, "pckeys"),
      serverId: "server.example.org",
      hardware,
      watch: null,
      onProblem: (message) => this.problems.push(message),
    };
  }

  static async create(
    dispatch: string,
    mysql: MySqlSettings | null = null,
    hardware: HardwareTypes = defaultHardwareTypes,
  ): Promise<TestSite> {
    const site = new TestSite(await mkdtemp(join(tmpdir(), "dispatched-")), hardware);
    await site.dispatch(dispatch);
    if (mysql)
      await site.write("mysql.conf", `module = 'MySQL'\nconfig = ${JSON.stringify({ ...mysql, tls: undefined })}\n`);
    return site;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  dispatch(text: string): Promise<void> {
    return this.write("dispatch.conf", text);
  }

  open(): Promise<Storage> {
    return openStorage(this.#site);
  }

  /** One of the storages, while the site is closed. */
  openOne(name: StorageName): Promise<Storage> {
    return openNamedStorage(name, this.#site);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
