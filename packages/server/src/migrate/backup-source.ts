import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { BackupDocument } from "../backup/document.ts";

/** Where the original has the files of which backups say the names. (storage 7.6) */
const places: Readonly<Record<string, string>> = {
  opsiconfd_conf: "etc/opsi/opsiconfd.conf",
  opsi_conf: "etc/opsi/opsi.conf",
  opsi_passwd: "etc/opsi/passwd",
  ssl_ca_key: "etc/opsi/ssl/opsi-ca-key.pem",
  ssl_ca_cert: "etc/opsi/ssl/opsi-ca-cert.pem",
  ssl_server_key: "etc/opsi/ssl/opsiconfd-key.pem",
  ssl_server_cert: "etc/opsi/ssl/opsiconfd-cert.pem",
  ssh_commands_custom: "var/lib/opsi/server_commands_custom.conf",
  ssh_commands_default: "etc/opsi/server_commands_default.conf",
  dhcpd_conf: "etc/opsi/backends/dhcpd.conf",
  hostcontrol_conf: "etc/opsi/backends/hostcontrol.conf",
  mysql_conf: "etc/opsi/backends/mysql.conf",
  opsipxeconfd_conf: "etc/opsi/backends/opsipxeconfd.conf",
  acl_conf: "etc/opsi/backendManager/acl.conf",
  modules: "etc/opsi/modules",
};

/** Files of folders: the beginning of the name, the folder and the ending. */
const prefixes = [
  ["extension_conf_", "etc/opsi/backendManager/extend.d", ".conf"],
  ["opsilic_", "etc/opsi/licenses", ".opsilic"],
] as const;

function placeOf(name: string): string | null {
  if (Object.hasOwn(places, name)) return places[name] ?? null;
  for (const [prefix, folder, ending] of prefixes) {
    const stem = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (/^[\w-][\w.-]*$/.test(stem)) return join(folder, stem + ending);
  }
  return null;
}

/** For the archives of 4.2: the files below /etc/opsi by the names of 4.3. */
export const classicNames: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(places).flatMap(([name, place]) =>
    place.startsWith("etc/opsi/") ? [[name, place.slice("etc/opsi/".length)]] : [],
  ),
);

/** Lays the files of a backup down as the original has them, in a temporary folder that only we may read. */
export async function layDown(
  files: BackupDocument["config_files"],
): Promise<AsyncDisposable & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), "opsi-migrate-"));
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    for (const [name, { content }] of Object.entries(files)) {
      const place = placeOf(name);
      if (place === null || typeof content !== "string") continue;
      await mkdir(dirname(join(root, place)), { recursive: true });
      await writeFile(join(root, place), content, { mode: modeOf(place) });
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { root, [Symbol.asyncDispose]: remove };
}

/** A backup does not say it. (service 8.2) */
const modeOf = (place: string) => (/-key\.pem$/.test(place) ? 0o600 : /\.pem$/.test(place) ? 0o644 : 0o660);
