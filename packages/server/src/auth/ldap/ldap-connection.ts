import { readFile } from "node:fs/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, getCACertificates } from "node:tls";
import { OpsiError } from "@opsi-ts/model";
import { Client } from "ldapts";
import type { LdapSettings } from "./ldap-settings.ts";

/**
 * Connects, safely where the settings do not say otherwise, and runs `work`: one connection for one login.
 *
 * @param deadline milliseconds for everything together
 * @throws OpsiError BackendUnableToConnectError, or what `work` throws
 */
export async function withDirectory<T>(
  settings: LdapSettings,
  deadline: number,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const expired = Promise.withResolvers<never>();
  expired.promise.catch(() => {}); // nobody may be waiting any more
  const place = `${settings.host}:${settings.port}`;
  const late = () => unreachable(place, `no answer within ${deadline / 1000} seconds`);
  const timer = setTimeout(() => expired.reject(late()), deadline);
  let socket: Socket | null = null;
  try {
    const security = settings.security === "plain" ? null : await tlsOptions(settings);
    socket = settings.security === "tls" && security !== null ? connectTls(security) : connectTcp(settings);
    const opened = socket;
    const event = settings.security === "tls" ? "secureConnect" : "connect";
    const connecting = new Promise<void>((resolve, reject) => opened.once(event, resolve).once("error", reject));
    await Promise.race([connecting, expired.promise]).catch((error: unknown) => {
      throw unreachable(place, error);
    });
    const client = new Client({ url: `ldap://${place}`, createConnection: once(opened), timeout: deadline });
    if (settings.security === "startTls" && security !== null) {
      await Promise.race([client.startTLS(security), expired.promise]).catch((error: unknown) => {
        throw unreachable(place, error);
      });
    }
    return await Promise.race([work(client), expired.promise]);
  } finally {
    clearTimeout(timer);
    socket?.on("error", () => {}).destroy();
  }
}

/**
 * The client would connect again by itself when a connection is lost, without TLS: it gets this one and no other, or
 * whoever cuts the line would be told the password.
 */
function once(socket: Socket): typeof connectTcp {
  let isGiven = false;
  return () => {
    if (isGiven) throw new Error("the connection was lost");
    isGiven = true;
    return socket;
  };
}

async function tlsOptions({ host, port, caFile }: LdapSettings): Promise<ConnectionOptions> {
  const own = caFile === "" ? [] : [await readCertificates(caFile)];
  const ca = [...getCACertificates("default"), ...getCACertificates("system"), ...own];
  return { host, port, ca, ...(isIP(host) ? {} : { servername: host }) };
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const text = `opsi.conf: ldap_auth.ca_file '${path}' cannot be read`;
    throw new OpsiError("BackendConfigurationError", text, { field: "ca_file", cause });
  }
}

function unreachable(place: string, reason: unknown): OpsiError {
  if (reason instanceof OpsiError) return reason;
  const text = reason instanceof Error ? reason.message : String(reason);
  return new OpsiError("BackendUnableToConnectError", `Directory ${place} cannot be reached: ${text}`, {
    cause: reason,
  });
}
