import { readFile } from "node:fs/promises";
import { OpsiError, rule, timestamp } from "@opsi-ts/model";
import { readConfigFiles, writeConfigFiles } from "../../backup/config-files.ts";
import { type BackupDocument, checkedDocument, decodeBackup, encodeBackup } from "../../backup/document.ts";
import { noteBackup } from "../../backup/last-backup.ts";
import { readObjects, replaceObjects } from "../../backup/site-objects.ts";
import { type Call, type Method, parameters } from "../declare.ts";
import { hosts } from "../families.ts";
import { renameDepot } from "../rename-host.ts";

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

async function givenDocument({ site }: Call, given: unknown, password: string | null): Promise<BackupDocument> {
  if (typeof given === "object" && given !== null) return checkedDocument(given);
  const file = await site.service.transfers.find(String(given));
  if (!file) throw new OpsiError("ValueError", "Invalid file ID", { field: "data_or_file_id" });
  return decodeBackup(await readFile(file.path), password);
}

/**
 * Puts a backup in the place of what there is: all objects or none. The site must be the same server afterwards; a
 * backup of another one is taken over with `server_id` `local`. (storage 7.6)
 */
async function restoreBackup(call: Call, ...values: unknown[]): Promise<null> {
  const [given, configFiles, , wanted, password] = values;
  const { site, storage } = call;
  const document = await givenDocument(call, given, password ? rule.string.coerce(password) : null);
  const from = document.meta.server_id;
  const serverId = wanted === "backup" ? from : wanted === "local" ? site.hostId : rule.hostId.coerce(wanted);
  if (serverId !== site.hostId) {
    const text = `The backup is of server '${from}', this is '${site.hostId}'; with server_id "local" it becomes this one`;
    throw new OpsiError("ValueError", text, { field: "server_id" });
  }
  if (!document.objects["Host"]?.some(({ id }) => id === from)) {
    throw new OpsiError("ValueError", `The backup says that it is of '${from}', and does not contain this server`);
  }
  const withFiles = rule.bool.coerce(configFiles);
  await duringMaintenance(call, async () => {
    await replaceObjects(storage, site.hardware.types, document.objects);
    if (from !== serverId) await renameDepot(call, from, serverId);
    if (withFiles) writeConfigFiles(site.service.configFiles, document.config_files);
    else await keepOwnKey(call);
  });
  if (typeof given === "string") await site.service.transfers.remove(given);
  return null;
}

/** opsi.conf and the password file stay: the server's object must have the key that they go with. */
async function keepOwnKey({ storage, site }: Call): Promise<void> {
  const [server] = await storage.read(hosts, { filter: { id: site.hostId } });
  if (!server) return;
  await storage.write(hosts, [{ ...server, opsiHostKey: site.service.hostKey }], "update");
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
    doc: "Puts a backup in the place of what there is.",
    parameters: parameters(
      "data_or_file_id config_files=False redis_data=False server_id='backup' password=None batch=True",
    ),
    access: "name",
    admin: true,
    run: restoreBackup,
  },
];
