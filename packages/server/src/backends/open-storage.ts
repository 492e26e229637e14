import { existsSync } from "node:fs";
import { join } from "node:path";
import { type HardwareTypes, OpsiError } from "@opsi-ts/model";
import { refuseHalfConverted } from "./conversion.ts";
import {
  checkBackends,
  type DispatchEntry,
  readDispatch,
  type StorageName,
  storageNamed,
  storageNames,
} from "./dispatch.ts";
import { DispatchedStorage } from "./dispatched/dispatched-storage.ts";
import { addMissingKeys } from "./dispatched/key-copies.ts";
import { dispatchedPlaces } from "./dispatched/places.ts";
import { SitePlan } from "./dispatched/site-plan.ts";
import { watchOfHome } from "./dispatched/watch-of-home.ts";
import { FileStorage } from "./file/file-storage.ts";
import type { ChangeWatch } from "./sql/change-watch.ts";
import { mysqlServer } from "./sql/mysql/mysql-server.ts";
import { type MySqlSettings, parseMySqlUrl, readMySqlSettings } from "./sql/mysql/mysql-settings.ts";
import { MySqlStorage } from "./sql/mysql/mysql-storage.ts";
import { postgresqlServer } from "./sql/postgresql/postgresql-server.ts";
import { parsePostgresqlUrl, readPostgresqlSettings } from "./sql/postgresql/postgresql-settings.ts";
import { PostgresqlStorage } from "./sql/postgresql/postgresql-storage.ts";
import type { DatabaseSettings } from "./sql/remote/database-settings.ts";
import { databaseAddress } from "./sql/remote/whole-database.ts";
import { SqliteStorage } from "./sql/sqlite/sqlite-storage.ts";
import type { ObjectStore, Storage } from "./storage.ts";

/** Where a site says where its objects are, and what a storage has to know of it. */
export interface StorageSite {
  /** dispatch.conf of 4.2, which sites of 4.3 do not have any more. */
  readonly dispatch: string;
  /** Folder with mysql.conf or postgresql.conf. */
  readonly backends: string;
  /** Option `mysql-internal-url`, empty without one. It counts before the files. */
  readonly mysqlUrl: string;
  /** The same of option `postgresql-internal-url`. */
  readonly postgresqlUrl: string;
  /** Folder of the database that a site has when it says nothing, and of the files of 4.2. */
  readonly state: string;
  /** Host keys of the files of 4.2. */
  readonly hostKeys: string;
  /** The depot that is the config server. */
  readonly serverId: string;
  readonly hardware: HardwareTypes;
  /** Sees every change. */
  readonly watch: ChangeWatch | null;
  /** Is told what went wrong without being lost. */
  onProblem(message: string): void;
}

const mysqlConf = ({ backends }: StorageSite) => join(backends, "mysql.conf");
const postgresqlConf = ({ backends }: StorageSite) => join(backends, "postgresql.conf");

type Places = NonNullable<ReturnType<typeof dispatchedPlaces>>;

/**
 * The database that a site has without a dispatch.conf, as those of 4.3 are: there it is MySQL. Who wrote a
 * postgresql.conf wants it; mysql.conf comes with the packages of the original. (storage 1.4)
 */
function configuredDatabase(site: StorageSite): StorageName {
  if (existsSync(postgresqlConf(site))) return "postgresql";
  return existsSync(mysqlConf(site)) ? "mysql" : "sqlite";
}

/** The database that an option names, null for none. */
function databaseOfOption({ mysqlUrl, postgresqlUrl }: StorageSite): StorageName | null {
  if (mysqlUrl !== "" && postgresqlUrl !== "") {
    throw new OpsiError(
      "BackendConfigurationError",
      "Both option mysql-internal-url and option postgresql-internal-url are set: one was expected",
    );
  }
  if (postgresqlUrl !== "") return "postgresql";
  return mysqlUrl !== "" ? "mysql" : null;
}

/** One for all, or a place for each family. */
export function chosenStorage(site: StorageSite): StorageName | Places {
  const { dispatch } = site;
  const named = databaseOfOption(site);
  if (named !== null) return named;
  const entries = readDispatch(dispatch);
  if (entries === null) return configuredDatabase(site);
  checkBackends(entries, dispatch, (name) => existsSync(join(site.backends, `${name}.conf`)));
  const places = dispatchedPlaces(entries, dispatch);
  if (places === null) return "sqlite";
  const used = new Set([...places.values()].flat());
  if (used.has("mysql") && !existsSync(mysqlConf(site))) throw notConfigured("mysql", entries, site);
  if (used.has("postgresql") && !existsSync(postgresqlConf(site))) throw notConfigured("postgresql", entries, site);
  const [first, ...more] = used;
  return first !== undefined && more.length === 0 ? first : places;
}

function notConfigured(name: StorageName, entries: readonly DispatchEntry[], { dispatch, backends }: StorageSite) {
  const naming = entries.filter((entry) => entry.backends.some((backend) => storageNamed(backend) === name));
  const { line } = naming.find(({ pattern }) => !pattern.source.startsWith("backend_")) ?? { line: 1 };
  const message = `Line ${line} of ${dispatch} sends objects to '${name}', but there is no ${join(backends, name)}.conf`;
  return new OpsiError("BackendConfigurationError", message);
}

/**
 * Opens the objects of a site, wherever it has them. Without any configuration they are in an SQLite file.
 *
 * @throws BackendConfigurationError naming file, line and what was expected
 */
export async function openStorage(site: StorageSite): Promise<Storage> {
  const chosen = chosenStorage(site);
  return typeof chosen === "string" ? openNamedStorage(chosen, site) : openDispatched(new SitePlan(chosen), site);
}

/** Opens several storages as one. (storage 2) */
async function openDispatched(plan: SitePlan, site: StorageSite): Promise<Storage> {
  await using opening = new AsyncDisposableStack();
  const storages = new Map<StorageName, Storage>();
  for (const name of storageNames) {
    if (!plan.foreign.has(name)) continue;
    const addKeys = async (store: ObjectStore) => {
      const stores = new Map<StorageName, ObjectStore>([...storages, [name, store]]);
      await addMissingKeys(plan, name, stores, (family, keys) => store.write(family, keys, "merge"));
    };
    const watch = site.watch && watchOfHome(site.watch, plan, name);
    storages.set(name, opening.use(await openNamedStorage(name, { ...site, watch }, addKeys)));
  }
  const journal = join(site.state, "storages.journal");
  const storage = await DispatchedStorage.open({ plan, storages, journal, onProblem: site.onProblem });
  opening.move();
  return storage;
}

/**
 * Opens one of the storages that a site can have, whether it uses it or not. What is missing of it is created.
 *
 * @param addReferenced adds what its objects refer to and what lies in another storage: a database of an older version
 *   would drop them
 * @throws BackendConfigurationError naming file and what was expected
 */
export async function openNamedStorage(
  name: StorageName,
  site: StorageSite,
  addReferenced?: (store: ObjectStore) => Promise<void>,
): Promise<Storage> {
  switch (name) {
    case "mysql": {
      const settings = mysqlSettings(site);
      refuseHalfConverted(site, databaseAddress(mysqlServer, settings), true);
      return MySqlStorage.open(
        settings,
        site.hardware,
        ({ message }) => site.onProblem(message),
        "full",
        addReferenced,
        site.watch,
      );
    }
    case "postgresql": {
      const settings = postgresqlSettings(site);
      refuseHalfConverted(site, databaseAddress(postgresqlServer, settings), true);
      return PostgresqlStorage.open(settings, site.hardware, ({ message }) => site.onProblem(message), site.watch);
    }
    case "sqlite":
      return SqliteStorage.open(join(site.state, "opsi.sqlite"), site.hardware, site.watch);
    case "file": {
      const folder = join(site.state, "config");
      if (!existsSync(folder)) refuseHalfConverted(site, `file:${folder}`, false);
      return FileStorage.open(folder, {
        configserverId: site.serverId,
        hostKeys: site.hostKeys,
        hardware: site.hardware,
        watch: site.watch,
        onProblem: ({ path, line, message }) => site.onProblem(`${path}, line ${line}: ${message}`),
      });
    }
    default:
      return name satisfies never;
  }
}

/** @throws BackendConfigurationError where the site does not say which database */
export function mysqlSettings(site: StorageSite): MySqlSettings {
  if (site.mysqlUrl !== "") return parseMySqlUrl(site.mysqlUrl);
  const path = mysqlConf(site);
  if (existsSync(path)) return readMySqlSettings(path);
  throw missing("mysql", path);
}

/** @throws BackendConfigurationError where the site does not say which database */
export function postgresqlSettings(site: StorageSite): DatabaseSettings {
  if (site.postgresqlUrl !== "") return parsePostgresqlUrl(site.postgresqlUrl);
  const path = postgresqlConf(site);
  if (existsSync(path)) return readPostgresqlSettings(path);
  throw missing("postgresql", path);
}

const missing = (name: StorageName, path: string) =>
  new OpsiError("BackendConfigurationError", `The objects of '${name}' need ${path}: there is no such file`);
