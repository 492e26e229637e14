import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OpsiError } from "@opsi-ts/model";
import { decodeText } from "../configuration/decode-text.ts";
import { isRecord } from "../configuration/is-record.ts";
import type { OpsiConfInitial } from "../configuration/opsi-conf.ts";
import { readPythonFile } from "../configuration/read-python-file.ts";
import type { SiteFolders } from "../configuration/site-folders.ts";
import { readDispatch } from "./dispatch.ts";

/**
 * What the files of 4.2 say of the server that was here: a depot server sends its objects to another one, with its id
 * and key; a config server may have its name in global.conf. (service 7.2, storage 8.1)
 *
 * @throws BackendConfigurationError for a jsonrpc.conf that makes no sense
 */
export function formerServer({
  configuration,
  backends,
  backendManager,
}: Pick<SiteFolders, "configuration" | "backends" | "backendManager">): Partial<OpsiConfInitial> {
  const entries = readDispatch(join(backendManager, "dispatch.conf")) ?? [];
  const isDepot = entries.some(({ backends }) => backends.some((backend) => backend.toLowerCase() === "jsonrpc"));
  if (!isDepot) return globalName(join(configuration, "global.conf"));
  const path = join(backends, "jsonrpc.conf");
  if (!existsSync(path)) return { serverRole: "depotserver" };
  const config = readPythonFile(path).get("config");
  if (!isRecord(config)) throw new OpsiError("BackendConfigurationError", `'config' in ${path}: a dict was expected`);
  const text = (key: string) => (typeof config[key] === "string" ? config[key] : "");
  const [hostId, hostKey, address] = [text("username"), text("password"), text("address")];
  return {
    serverRole: "depotserver",
    ...(hostId && { hostId }),
    ...(hostKey && { hostKey }),
    ...(address && { serviceUrl: serviceUrl(address, path) }),
  };
}

/** A host with or without scheme, port and path. */
function serviceUrl(address: string, path: string): string {
  const given = address.includes("://") ? address : `https://${address}`;
  if (!URL.canParse(given))
    throw new OpsiError("BackendConfigurationError", `'address' in ${path}: a host or URL was expected`);
  const { hostname, port } = new URL(given);
  const isDefaultPort = /^https:\/\/[^/]*:0*443(?:\/|$)/i.test(given); // a URL does not keep it
  return `https://${hostname}:${isDefaultPort ? 443 : port || 4447}`;
}

function globalName(path: string): { hostId?: string } {
  if (!existsSync(path)) return {};
  const hostId = /^\s*hostname\s*=\s*(\S+)\s*$/m.exec(decodeText(readFileSync(path), path))?.[1]?.toLowerCase();
  return hostId === undefined ? {} : { hostId };
}
