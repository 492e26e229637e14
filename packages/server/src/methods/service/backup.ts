import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { OpsiError, rule, timestamp } from "@opsi-ts/model";
import { type MySqlSettings, parseMySqlUrl, readMySqlSettings } from "../../backends/sql/mysql/mysql-settings.ts";
import { type ConfigFilePaths, readConfigFiles, writeConfigFiles } from "../../backup/config-files.ts";
import { type BackupDocument, checkedDocument, encodeBackup } from "../../backup/document.ts";
import { noteBackup } from "../../backup/last-backup.ts";
import { type ReadBackup, readBackup } from "../../backup/read-backup.ts";
import { restoreSite } from "../../backup/restore-site.ts";
import { readObjects } from "../../backup/site-objects.ts";
import { type Call, type Method, parameters } from "../declare.ts";
import { hosts } from "../families.ts";

async function makeDocument({ storage, site }: Call, withFiles: boolean): Promise<BackupDocument> {
  const { configuration, configFiles } = site.service;
  const now = new Date();
  const [server] = await storage.readIdents(hosts, { filter: { type: "OpsiConfigserver" } });
  return {
    meta: {
      ...{ type: "opsiconfd_backup", version: "1", opsiconfd_version: site.version },
      timestamp: now.getTime() / 1000,
      datetime: now.toISOString().slice(0, 19).replace("T", " "),
      ...{ node_name: configuration.options.nodeName, fqdn: configuration.hostName },
      ...{ host_id: site.hostId, server_id: String(server?.["id"] ?? site.hostId) },
    },
    objects: await readObjects(storage),
    config_files: withFiles ? readConfigFiles(configFiles) : {},
  };
}

/** Settles when the maintenance that was last begun here is over. */
let lastMaintenance: Promise<unknown> = Promise.resolve();

/**
 * Only this machine and the caller get answers while `work` goes on; then it is as it was before, unless somebody
 * changed it meanwhile. One at a time: of two that overlap, the second would put the maintenance of the first back.
 */
function duringMaintenance<T>({ site, session }: Call, work: () => Promise<T>): Promise<T> {
  const state = site.service.applicationState;
  const bits = session.address.includes(":") ? 128 : 32;
  const addressExceptions = ["::1/128", "127.0.0.1/32", `${session.address}/${bits}`];
  const result = lastMaintenance.then(async () => {
    const before = state.maintenance;
    state.startMaintenance({ retryAfter: 300, addressExceptions });
    const own = state.maintenance;
    try {
      return await work();
    } finally {
      if (state.maintenance === own) {
        if (before === null) state.set("normal");
        else state.startMaintenance(before);
      }
    }
  });
  lastMaintenance = result.catch(() => {});
  return result;
}

async function createBackup(call: Call, ...values: unknown[]): Promise<unknown> {
  const [configFiles, , maintenance, password, returnType] = values;
  const make = () => makeDocument(call, rule.bool.coerce(configFiles));
  const document = rule.bool.coerce(maintenance) ? await duringMaintenance(call, make) : await make();
  const { folders, service } = call.site;
  const time = new Date();
  if (returnType !== "file_id") {
    noteBackup(folders, time);
    return document;
  }
  const secret = password ? rule.string.coerce(password) : null;
  const bytes = await encodeBackup(document, secret);
  const day = timestamp().replaceAll(/[-:]/g, "").replace(" ", "-");
  const id = await service.transfers.store(
    (async function* () {
      yield bytes;
    })(),
    {
      fileName: `opsiconfd-backup-${day}.msgpack.lz4${secret === null ? "" : ".aes"}`,
      ...{ contentType: "binary/octet-stream", username: call.session.username },
    },
  );
  noteBackup(folders, time);
  return id;
}

/** The document itself or the id of a file that was sent before. @throws ValueError for what is no backup */
async function givenBackup({ site }: Call, given: unknown, password: string | null): Promise<ReadBackup> {
  if (typeof given === "object" && given !== null) return { document: checkedDocument(given), problems: [] };
  const { transfers, configuration, configFiles } = site.service;
  const file = await transfers.find(String(given));
  if (!file) throw new OpsiError("ValueError", "Invalid file ID", { field: "data_or_file_id" });
  return readBackup(file.path, {
    ...{ password, types: site.hardware.types, mysql: databaseServer(site) },
    configFiles: filesOf42(configFiles, configuration.folders.configuration),
  });
}

/** Where a dump of 4.2 can be loaded. */
function databaseServer({ service: { configuration } }: Call["site"]): MySqlSettings | null {
  const { mysqlInternalUrl, backendConfigDir } = configuration.options;
  if (mysqlInternalUrl !== "") return parseMySqlUrl(mysqlInternalUrl);
  const path = join(backendConfigDir, "mysql.conf");
  return existsSync(path) ? readMySqlSettings(path) : null;
}

/** Who the server is says its own opsi.conf: that of 4.2 knew nothing of it. */
function filesOf42(paths: ConfigFilePaths, folder: string): Record<string, string> {
  const inside = Object.entries(paths).map(([name, path]) => [name, relative(folder, path)] as const);
  return Object.fromEntries(
    inside.filter(([name, path]) => !path.startsWith("..") && name !== "opsi_conf" && name !== "opsiconfd_conf"),
  );
}

/**
 * Puts a backup in the place of what there is: all objects or none. The site must be the same server afterwards; a
 * backup of another one is taken over with `server_id` `local`. Without `batch`, objects that are not valid are left
 * out, where else they stop it. (storage 7.6)
 */
async function restoreBackup(call: Call, ...values: unknown[]): Promise<null> {
  const [given, configFiles, , wanted, password, batch] = values;
  const { site, storage } = call;
  const secret = password ? rule.string.coerce(password) : null;
  const skipInvalid = !rule.bool.coerce(batch);
  const { document, problems } = await givenBackup(call, given, secret);
  if (problems.length > 0 && !skipInvalid) {
    throw new OpsiError("ValueError", `The backup cannot be read as a whole: ${problems.slice(0, 5).join("; ")}`);
  }
  const from = document.meta.server_id;
  const serverId = wanted === "backup" ? from : wanted === "local" ? site.hostId : rule.hostId.coerce(wanted);
  if (serverId !== site.hostId) {
    const text = `The backup is of server '${from}', this is '${site.hostId}'; with server_id "local" (--take-over) it becomes this one`;
    throw new OpsiError("ValueError", text, { field: "server_id" });
  }
  const withFiles = rule.bool.coerce(configFiles);
  // The password file can be read with the key that it goes with: opsi.conf and the server's object must have that one.
  const hostKey = (withFiles ? keyOf(document, from) : null) ?? site.service.hostKey;
  await duringMaintenance(call, async () => {
    await restoreSite(storage, document, { types: site.hardware.types, serverId, hostKey, skipInvalid });
    if (withFiles) writeConfigFiles(site.service.configFiles, document.config_files, { hostId: serverId, hostKey });
  });
  if (typeof given === "string") await site.service.transfers.remove(given);
  return null;
}

/** Null where the backup does not say it. */
function keyOf({ objects }: ReadBackup["document"], id: string): string | null {
  const key = objects["Host"]?.find((host) => host["id"] === id)?.["opsiHostKey"];
  return typeof key === "string" && key !== "" ? key.toLowerCase() : null;
}

export const backupMethods: readonly Method[] = [
  {
    name: "service_createBackup",
    doc: "Makes a backup of all objects and the configuration; the answer is the id of a file to fetch.",
    parameters: parameters(
      "config_files=True redis_data=True maintenance_mode=True password=None return_type='file_id'",
    ),
    result: "str | dict",
    access: "name",
    admin: true,
    run: createBackup,
  },
  {
    name: "service_restoreBackup",
    doc: "Puts a backup in the place of what there is; without batch, objects that are not valid are left out.",
    parameters: parameters(
      "data_or_file_id config_files=False redis_data=False server_id='backup' password=None batch=True",
    ),
    access: "name",
    admin: true,
    run: restoreBackup,
  },
];
