import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseServiceAddress } from "@opsi-ts/protocol";
import { configurationFolder, type Surroundings } from "../surroundings.ts";

const localNames = new Set(["localhost", "127.0.0.1", "::1"]);

/** Where the CA of a service is kept that was trusted at first contact. (service §6.4) */
export function storedCaFile(surroundings: Surroundings, url: string): string {
  const { hostname, port } = parseServiceAddress(url);
  const host = localNames.has(hostname) ? "localhost" : hostname.replaceAll(":", ".");
  return join(configurationFolder(surroundings), "opsi", "services", `${host}_${port}`, "ca-certs.pem");
}

/**
 * The CA that a service is checked against when none is named: the one trusted earlier, else the site's own on a
 * server or client, else none = those of the system.
 */
export function knownCaFile(surroundings: Surroundings, url: string): string | undefined {
  const sites = surroundings.platform === "win32" ? [] : ["/etc/opsi/ssl/opsi-ca-cert.pem"];
  return [storedCaFile(surroundings, url), ...sites].find((file) => existsSync(file));
}
