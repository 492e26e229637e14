import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultHardwareTypes, type HardwareTypes } from "@opsi-ts/model";
import { readDispatch, type StorageName, storageNames } from "../dispatch.ts";
import { openNamedStorage, openStorage, type StorageSite } from "../open-storage.ts";
import type { ChangeWatch } from "../sql/change-watch.ts";
import type { MySqlSettings } from "../sql/mysql/mysql-settings.ts";
import type { Storage } from "../storage.ts";
import { DispatchedStorage } from "./dispatched-storage.ts";
import { dispatchedPlaces } from "./places.ts";
import { SitePlan } from "./site-plan.ts";

/** A site with a dispatch.conf in a temporary folder. */
export class TestSite implements AsyncDisposable {
  readonly folder: string;
  readonly problems: string[] = [];
  readonly #site: StorageSite;

  private constructor(folder: string) {
    this.folder = folder;
    this.#site = {
      dispatch: join(folder, "dispatch.conf"),
      backends: folder,
      mysqlUrl: "",
      postgresqlUrl: "",
      state: folder,
      hostKeys: join(folder, "pckeys"),
      serverId: "server.example.org",
      hardware: defaultHardwareTypes,
      watch: null,
      onProblem: (message) => this.problems.push(message),
    };
  }

  /** A site that is there. */
  static at(folder: string): TestSite {
    return new TestSite(folder);
  }

  static async create(dispatch: string, mysql: MySqlSettings | null = null): Promise<TestSite> {
    const site = new TestSite(await mkdtemp(join(tmpdir(), "dispatched-")));
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

  open(hardware: HardwareTypes = defaultHardwareTypes, watch: ChangeWatch | null = null): Promise<Storage> {
    return openStorage({ ...this.#site, hardware, watch });
  }

  /** With something put between the storages and what makes one of them. */
  async openBetween(between: (name: StorageName, storage: Storage) => Storage): Promise<Storage> {
    const plan = new SitePlan(dispatchedPlaces(readDispatch(this.#site.dispatch) ?? [], "dispatch.conf") ?? new Map());
    const storages = new Map<StorageName, Storage>();
    for (const name of storageNames) {
      if (plan.foreign.has(name)) storages.set(name, between(name, await this.openOne(name)));
    }
    const journal = join(this.folder, "storages.journal");
    return DispatchedStorage.open({ plan, storages, journal, onProblem: this.#site.onProblem });
  }

  /** One of the storages, while the site is closed. */
  openOne(name: StorageName): Promise<Storage> {
    return openNamedStorage(name, this.#site);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
