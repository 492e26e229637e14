import { open, readFile } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { families, type HardwareTypes, OpsiError } from "@opsi-ts/model";
import { FileStorage } from "../backends/file/file-storage.ts";
import type { MySqlSettings } from "../backends/sql/mysql/mysql-settings.ts";
import { decodeText } from "../configuration/decode-text.ts";
import { ClassicBackup } from "./classic-backup.ts";
import { type BackupDocument, decodeBackup } from "./document.ts";
import { readDump } from "./mysql-dump.ts";
import { objectTypeNames } from "./object-types.ts";
import { readObjects } from "./site-objects.ts";

export interface ReadBackupOptions {
  readonly types: HardwareTypes;
  readonly password: string | null;
  /** A server of MySQL or MariaDB for the dump in a backup of 4.2, null where there is none. */
  readonly mysql: MySqlSettings | null;
  /** Files of /etc/opsi that a backup of 4.2 may bring, by the names that backups of 4.3 have for them. */
  readonly configFiles?: Readonly<Record<string, string>>;
}

/** A backup of whatever version. */
export interface ReadBackup {
  readonly document: Pick<BackupDocument, "objects" | "config_files"> & {
    readonly meta: Pick<BackupDocument["meta"], "server_id"> & Partial<BackupDocument["meta"]>;
  };
  /** What could not be understood; the rest is in the document. */
  readonly problems: readonly string[];
}

/**
 * Reads a backup of opsi 4.3 or ours in any of its forms, or the archive that opsi-backup of 4.2 wrote. Nothing is
 * changed.
 *
 * @throws ValueError for what is neither, is damaged or encrypted with another password
 */
export async function readBackup(path: string, options: ReadBackupOptions): Promise<ReadBackup> {
  if (await isArchive(path)) return readClassic(path, options);
  return { document: await decodeBackup(await readFile(path), options.password), problems: [] };
}

async function isArchive(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
  const start = buffer.subarray(0, bytesRead);
  if (start.toString("latin1", 0, 3) === "BZh") return true;
  return isTar(start[0] === 0x1f && start[1] === 0x8b ? beginning(start) : start);
}

const isTar = (bytes: Buffer) => bytes.toString("latin1", 257, 262) === "ustar";

/** As much as the first bytes of a file of gzip, which both kinds of backups may be, unpack to. */
function beginning(compressed: Buffer): Buffer {
  try {
    return gunzipSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 21 });
  } catch {
    return Buffer.alloc(0);
  }
}

async function readClassic(path: string, { types, mysql, configFiles = {} }: ReadBackupOptions): Promise<ReadBackup> {
  await using backup = await ClassicBackup.open(path);
  const serverId = backup.sysinfo.get("fqdn")?.toLowerCase() ?? "";
  const problems: string[] = [];
  const objects: Record<string, BackupDocument["objects"][string]> = {};
  const read = {
    file: () => readFiles(backup, serverId, types, problems),
    mysql: () => readDatabase(backup, mysql, types),
  };
  const found = new Map<string, BackupDocument["objects"]>();
  for (const name of objectTypeNames) {
    const storage = backup.storageOf(methodOf(name));
    if (storage !== "file" && storage !== "mysql") continue;
    if (!found.has(storage)) found.set(storage, await read[storage]());
    objects[name] = found.get(storage)?.[name] ?? [];
  }
  return {
    document: { meta: { server_id: serverId }, objects, config_files: await filesOf(backup, configFiles) },
    problems,
  };
}

const methodOf = (name: string) =>
  `${families.find(({ base }) => base.name === name)?.prefix ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`}_getObjects`;

async function readFiles(backup: ClassicBackup, configserverId: string, hardware: HardwareTypes, problems: string[]) {
  if (!backup.files) return {};
  const { folder, hostKeys } = backup.files;
  await using storage = await FileStorage.open(folder, {
    ...{ configserverId, hostKeys, hardware },
    onProblem: ({ path, line, message }) =>
      problems.push(`${path.slice(path.indexOf("CONTENT/"))}, line ${line}: ${message}`),
  });
  return await readObjects(storage);
}

async function readDatabase(backup: ClassicBackup, mysql: MySqlSettings | null, types: HardwareTypes) {
  if (backup.dump === null) return {};
  if (mysql === null) {
    const text = "The backup has objects in a dump of MySQL: to read it, this server needs a mysql.conf";
    throw new OpsiError("BackendConfigurationError", text);
  }
  return readDump(backup.dump, mysql, types);
}

/** The files of this site's names that the archive has. */
async function filesOf(backup: ClassicBackup, names: Readonly<Record<string, string>>) {
  const files: Record<string, BackupDocument["config_files"][string]> = {};
  for (const [name, relative] of Object.entries(names)) {
    const path = backup.find(`CONTENT/CONF/${relative}`);
    if (path !== null) files[name] = { path: `/etc/opsi/${relative}`, content: decodeText(await readFile(path), path) };
  }
  return files;
}
