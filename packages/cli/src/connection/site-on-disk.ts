import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { parse } from "smol-toml";

/** What a server's own files say about reaching it. */
export interface SiteOnDisk {
  readonly url: string;
  readonly hostId: string | null;
  readonly hostKey: string | null;
  readonly caFile: string;
}

/**
 * Reads `opsi.conf` and the port of `opsiconfd.conf` below the root of a site; null if there is no site or its files
 * are not for this user. (service §7.2, packages §6.1)
 */
export async function readSiteOnDisk(root: string): Promise<SiteOnDisk | null> {
  const configuration = join(root, "etc", "opsi");
  const conf = await readIfAllowed(join(configuration, "opsi.conf"));
  if (conf === null) return null;
  const read = (section: string, key: string) => readValue(conf, section, key);
  const service = read("service", "url") ?? "https://localhost:4447";
  const options = await readIfAllowed(join(configuration, "opsiconfd.conf"));
  const port = /^\s*port\s*=\s*["']?(\d+)/m.exec(options ?? "")?.[1];
  const isDepot = read("host", "server-role") === "depotserver";
  return {
    url: isDepot || port === undefined ? service : `https://localhost:${port}`,
    hostId: read("host", "id"),
    hostKey: read("host", "key"),
    caFile: join(configuration, "ssl", "opsi-ca-cert.pem"),
  };
}

/** The site that `--root` names. @throws OpsiError BackendConfigurationError */
export async function requireSiteOnDisk(root: string): Promise<SiteOnDisk> {
  const site = await readSiteOnDisk(root);
  if (site === null) {
    const file = join(root, "etc", "opsi", "opsi.conf");
    throw new OpsiError("BackendConfigurationError", `No site below '${root}': ${file} is missing or not readable`);
  }
  return site;
}

/** TOML since opsi 4.3, INI before; `key = value` in sections is what both have in common. */
function readValue(conf: string, section: string, key: string): string | null {
  try {
    const table: Readonly<Record<string, unknown>> = parse(conf);
    const values = table[section];
    const value = typeof values === "object" && values !== null ? Reflect.get(values, key) : null;
    return typeof value === "string" && value !== "" ? value : null;
  } catch {
    const body = conf.split(/^\s*\[/m).find((part) => part.startsWith(`${section}]`)) ?? "";
    return new RegExp(`^\\s*${key}\\s*[=:]\\s*(\\S+)`, "m").exec(body)?.[1] ?? null;
  }
}

async function readIfAllowed(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "EACCES" || code === "ENOTDIR") return null;
    throw error;
  }
}
