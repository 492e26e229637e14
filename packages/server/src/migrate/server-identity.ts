import { existsSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { readHostKeys } from "../backends/file/read-site.ts";
import { formerServer } from "../backends/former-server.ts";
import { chosenStorage, mysqlSettings, postgresqlSettings, type StorageSite } from "../backends/open-storage.ts";
import { raw } from "../backends/sql/fragment.ts";
import { mysqlServer } from "../backends/sql/mysql/mysql-server.ts";
import { postgresqlServer } from "../backends/sql/postgresql/postgresql-server.ts";
import { type OpsiConf, readOpsiConf } from "../configuration/opsi-conf.ts";
import type { Configuration } from "../configuration/read-options.ts";

/** The config server as the stored objects have it; `key` null where it has none. */
export interface StoredServer {
  readonly id: string;
  readonly key: string | null;
}

/**
 * Who the server is. Versions before 4.3 do not say it in opsi.conf: then the objects do. What is found is written into
 * opsi.conf: with another key than that of its host object the server could not read the stored passwords.
 *
 * @param stored the config servers among the objects
 * @param hostId what the administrator says, undefined for nothing
 * @throws ValueError where there are several depots and nothing says which one is the server
 */
export async function takeIdentity(
  { options, folders, hostName }: Configuration,
  stored: () => Promise<readonly StoredServer[]>,
  hostId: string | undefined,
): Promise<{ readonly conf: OpsiConf; readonly hasNewKey: boolean }> {
  const former = formerServer(folders);
  const known = hostId ?? hostValue(options.opsiConfig, "id") ?? former.hostId ?? null;
  const isDepot = former.serverRole === "depotserver";
  const server = isDepot ? null : pick(await stored(), known);
  const key = server?.key ?? former.hostKey ?? "";
  const hasNewKey = key === "" && hostValue(options.opsiConfig, "key") === null;
  const conf = readOpsiConf(options.opsiConfig, {
    hostId: known ?? server?.id ?? hostName,
    hostKey: key,
    serverRole: former.serverRole ?? options.serverRole,
    serviceUrl: former.serviceUrl ?? "https://localhost:4447",
  });
  return { conf, hasNewKey };
}

/** A value of the section `[host]`, which only the form of 4.3 has. */
function hostValue(path: string, name: string): string | null {
  if (!existsSync(path)) return null;
  const section = /^\s*\[host\]([^[]*)/m.exec(readFileSync(path, "utf8"))?.[1] ?? "";
  return new RegExp(`^\\s*${name}\\s*=\\s*["']?([^"'\\s]+)`, "m").exec(section)?.[1]?.toLowerCase() ?? null;
}

function pick(servers: readonly StoredServer[], known: string | null): StoredServer | null {
  if (known !== null) return servers.find(({ id }) => id === known) ?? null;
  if (servers.length < 2) return servers[0] ?? null;
  const ids = servers.map(({ id }) => id).join(", ");
  throw new OpsiError("ValueError", `Which one is the config server: ${ids}? Say it with --host-id`);
}

/** The config servers that a site has stored; of the files of 4.2, every depot may be the one. */
export async function storedServers(site: StorageSite): Promise<StoredServer[]> {
  const chosen = chosenStorage(site);
  const home = typeof chosen === "string" ? chosen : chosen.get("host")?.[0];
  if (home === "file") return fromFiles(site);
  if (home !== "mysql" && home !== "postgresql") return [];
  const server = home === "mysql" ? mysqlServer : postgresqlServer;
  const settings = home === "mysql" ? mysqlSettings(site) : postgresqlSettings(site);
  const connection = await server.connect(settings, settings.database);
  try {
    const query = `SELECT "hostId", "opsiHostKey" FROM "HOST" WHERE "type" = 'OpsiConfigserver'`;
    const rows = await connection.rows(raw(query));
    return rows.map(([id, key]) => ({ id: String(id), key: typeof key === "string" ? key : null }));
  } finally {
    await connection.close();
  }
}

async function fromFiles({ state, hostKeys }: StorageSite): Promise<StoredServer[]> {
  const folder = join(state, "config/depots");
  const names = existsSync(folder) ? await readdir(folder) : [];
  const { keys } = await readHostKeys(hostKeys);
  const ids = names.filter((name) => name.endsWith(".ini")).map((name) => name.slice(0, -".ini".length));
  return ids.map((id) => ({ id, key: keys.get(id) ?? null }));
}
