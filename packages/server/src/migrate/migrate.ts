import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import type { StorageSite } from "../backends/open-storage.ts";
import { readMySqlSettings } from "../backends/sql/mysql/mysql-settings.ts";
import { type ReadBackup, readBackup } from "../backup/read-backup.ts";
import { restoreSite } from "../backup/restore-site.ts";
import { writeFileAtomically } from "../configuration/atomic-file.ts";
import { defaultRoot } from "../configuration/default-root.ts";
import { HardwareCatalog } from "../configuration/hardware-catalog.ts";
import type { OpsiConf } from "../configuration/opsi-conf.ts";
import type { Configuration } from "../configuration/read-options.ts";
import { createSiteFolders, type SiteFolders, siteFolders } from "../configuration/site-folders.ts";
import type { ConversionResult } from "../convert/convert-objects.ts";
import { type Location, locate } from "../convert/location.ts";
import { readSite, storagesOf, workOffline } from "../convert/offline-site.ts";
import { switchStorage } from "../convert/switch-storage.ts";
import { classicNames, layDown } from "./backup-source.ts";
import { copyConfiguration } from "./configuration-files.ts";
import { copyTree } from "./copy-tree.ts";
import type { Migration } from "./deeds.ts";
import { copyFileBackend, moveObjects, tellDatabase, tellSwitch } from "./objects.ts";
import { type StoredServer, storedServers, takeIdentity } from "./server-identity.ts";

export interface MigrationRequest extends Omit<Migration, "from" | "root"> {
  /** Root folder of the original, or a backup of it. */
  readonly from: string;
  readonly root: string | undefined;
  /** Storage that gets the objects; undefined leaves them where they are, those of a backup go to sqlite. */
  readonly to: string | undefined;
  readonly hostId: string | undefined;
  readonly password: string | null;
  readonly acceptLosses: boolean;
  readonly workbench: boolean;
  readonly logs: boolean;
}

/**
 * Takes over an original server: configuration, keys and certificates, objects, depot. Nothing of the original is changed;
 * what the site has already stays as it is, so that a second run changes nothing and an interrupted one goes on.
 *
 * @returns the result of a conversion that did not succeed, else null
 * @throws ValueError, BackendUnaccomplishableError where the source or the target is none; errors of files and storages
 */
export async function migrate(request: MigrationRequest): Promise<ConversionResult | null> {
  const stats = await stat(request.from).catch(() => null);
  if (stats === null) throw new OpsiError("BackendMissingDataError", `There is no '${request.from}'`);
  // Options are not read yet: those of the original may be others than ours.
  const folders = siteFolders(request.root ?? process.env["OPSICONFD_ROOT"] ?? defaultRoot());
  using _working = existsSync(folders.service) ? workOffline(folders) : null;
  return stats.isDirectory() ? await migrateFolder(request, folders) : await migrateBackup(request, folders);
}

async function migrateFolder(request: MigrationRequest, folders: SiteFolders): Promise<ConversionResult | null> {
  const { workbench, logs, to } = request;
  const from = resolve(request.from);
  if (!existsSync(join(from, "etc/opsi"))) {
    throw new OpsiError("ValueError", `'${from}' is no root folder of opsi: there is no etc/opsi in it`);
  }
  const migration = begin(request, from, folders);
  await using configured = await takeConfiguration(migration, request.root);
  const { configuration } = configured;
  const problems: string[] = [];
  const unnamed = storagesOf(configuration, "", (problem) => problems.push(problem));
  await copyFileBackend(migration, unnamed);
  const role = await tellServer(migration, configuration, () => storedServers(unnamed), request.hostId);
  if (role?.serverRole === "depotserver") {
    const detail = "a depot server has none of its own, they are at the config server";
    migration.note({ step: "objects", item: "objects", state: "left out", detail });
  } else if (to === undefined) await tellDatabase(migration, unnamed);
  else if (role === null) {
    migration.note({ step: "objects", item: to, state: "planned", detail: "objects are converted and compared" });
  } else {
    const site: StorageSite = { ...unnamed, serverId: role.hostId };
    const result = await moveObjects(migration, configuration, site, { ...request, to, problems });
    if (result !== null && !isComplete(result)) return result;
  }
  for (const problem of new Set(problems)) {
    migration.note({ step: "objects", item: problem, state: "left out", detail: "it cannot be understood" });
  }
  const places = ["depot", "repository", "public", ...(workbench ? ["workbench"] : [])];
  for (const place of places) await copyTree(migration, "depot", join("var/lib/opsi", place));
  if (!workbench) leftOut(migration, "depot", "/var/lib/opsi/workbench", "--workbench takes it, too");
  for (const type of logs ? ["bootimage", "clientconnect", "instlog", "userlogin"] : []) {
    await copyTree(migration, "logs", join("var/log/opsi", type));
  }
  if (!logs) leftOut(migration, "logs", "/var/log/opsi", "--logs takes those of clients, too");
  leftOut(migration, "depot", "/tftpboot", "boot files come with the packages of the boot image");
  return null;
}

const leftOut = ({ note }: Migration, step: "depot" | "logs", item: string, detail: string) =>
  note({ step, item, state: "left out", detail });

const isComplete = ({ comparison }: ConversionResult) => comparison.length > 0 && comparison.every(({ same }) => same);

async function migrateBackup(request: MigrationRequest, folders: SiteFolders): Promise<null> {
  const { types } = HardwareCatalog.read(folders.configuration);
  const mysqlConf = join(folders.backends, "mysql.conf"); // says where a dump can be loaded
  const mysql = existsSync(mysqlConf) ? readMySqlSettings(mysqlConf) : null;
  const read = { types, password: request.password, mysql, configFiles: classicNames };
  const { document, problems } = await readBackup(resolve(request.from), read);
  await using source = await layDown(document.config_files);
  const migration = begin({ ...request, from: resolve(request.from) }, source.root, folders);
  await using configured = await takeConfiguration(migration, request.root);
  const { configuration } = configured;
  const conf = await tellServer(migration, configuration, async () => serversOf(document), request.hostId);
  const to = request.to ?? "sqlite";
  const count = Object.values(document.objects).reduce((sum, { length }) => sum + length, 0);
  if (conf === null) {
    migration.note({ step: "objects", item: to, state: "planned", detail: `${count} objects of the backup` });
    return null;
  }
  for (const problem of problems) {
    migration.note({ step: "objects", item: problem, state: "left out", detail: "it cannot be understood" });
  }
  const site = storagesOf(configuration, conf.hostId, () => {});
  const target = locate(to, site, request.root ?? "/");
  if (await target.holdsObjects()) {
    migration.note({ step: "objects", item: target.name, state: "there", detail: "it holds objects, they stay" });
  } else {
    await restoreInto(target, request, site, document);
    migration.note({ step: "objects", item: target.name, state: "done", detail: `${count} objects of the backup` });
  }
  tellSwitch(migration, switchStorage(to, target, configuration));
  return null;
}

/** Into a storage of its own place: an interruption leaves nothing that a service would open. */
async function restoreInto(
  target: Location,
  { report, acceptLosses, signal }: MigrationRequest,
  site: StorageSite,
  document: ReadBackup["document"],
): Promise<void> {
  await target.clearTarget();
  const total = Object.values(document.objects).reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  {
    await using storage = await target.openTarget();
    await restoreSite(storage, document, {
      types: site.hardware,
      serverId: null,
      hostKey: null,
      skipInvalid: acceptLosses,
      onWritten: (count) => {
        signal.throwIfAborted();
        done += count;
        report({ kind: "progress", label: "Restoring", done, total });
      },
    });
  }
  await target.settle();
}

function serversOf({ meta, objects }: ReadBackup["document"]): StoredServer[] {
  const servers = (objects["Host"] ?? []).filter(({ type }) => type === "OpsiConfigserver");
  const keyOf = (key: unknown) => (typeof key === "string" ? key : null);
  const all = servers.map(({ id, opsiHostKey }) => ({ id: String(id), key: keyOf(opsiHostKey) }));
  return all.length > 0 ? all : [{ id: meta.server_id, key: null }];
}

interface Configured extends AsyncDisposable {
  readonly configuration: Configuration;
}

/** Takes over the configuration and reads it; a dry run does so in a folder that goes away again. */
async function takeConfiguration(migration: Migration, root: string | undefined): Promise<Configured> {
  await copyConfiguration(migration);
  if (!migration.dryRun) return { configuration: readSite(root), async [Symbol.asyncDispose]() {} };
  const trial = await mkdtemp(join(tmpdir(), "opsi-migrate-"));
  const remove = () => rm(trial, { recursive: true, force: true });
  try {
    await copyConfiguration({ ...migration, root: trial, dryRun: false, note: () => {} });
    return { configuration: readSite(trial), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Says who the server is, and writes it down; null in a dry run. */
async function tellServer(
  migration: Migration,
  configuration: Configuration,
  stored: () => Promise<readonly StoredServer[]>,
  hostId: string | undefined,
): Promise<OpsiConf | null> {
  if (migration.dryRun) return null;
  const { opsiConfig } = configuration.options;
  const before = existsSync(opsiConfig) ? readFileSync(opsiConfig, "utf8") : "";
  const { conf, hasNewKey } = await takeIdentity(configuration, stored, hostId);
  const state = readFileSync(opsiConfig, "utf8") === before ? "there" : "done";
  const warning = hasNewKey ? ", with a new key: it cannot read the passwords in etc/opsi/passwd" : "";
  migration.note({ step: "server", item: conf.hostId, state, detail: conf.serverRole + warning });
  return conf;
}

/** Notes what is taken over: two originals do not get into one site, and none into one that serves already. */
function begin(request: MigrationRequest, from: string, folders: SiteFolders): Migration {
  const { dryRun, signal, report, note } = request;
  const migration: Migration = { from, root: folders.root, dryRun, signal, report, note };
  const path = join(folders.state, "migration.json");
  const source = resolve(request.from);
  const known = existsSync(path) ? String(JSON.parse(readFileSync(path, "utf8")).from) : null;
  if (known !== null && known !== source) {
    throw new OpsiError("BackendUnaccomplishableError", `${folders.root} takes over ${known} already, see ${path}`);
  }
  const isSite = existsSync(join(folders.configuration, "opsi.conf"));
  if (known === null && isSite && from !== folders.root) {
    const message = `There is a site below ${folders.root} already: choose another one with --root, or move it away`;
    throw new OpsiError("BackendUnaccomplishableError", message);
  }
  if (dryRun) return migration;
  createSiteFolders(folders);
  if (known === null) writeFileAtomically(path, `${JSON.stringify({ from: source })}\n`);
  return migration;
}
