import { OpsiError } from "@opsi-ts/model";
import type { HostDirectory, HostKey, HostRecord } from "./host-directory.ts";
import { sameText } from "./same-text.ts";
import type { AuthMethod } from "./session.ts";

export interface HostLoginSettings {
  readonly hostKeyOnly: boolean;
  readonly recoverClients: boolean;
}

export interface HostLogin {
  readonly host: HostRecord;
  readonly methods: ReadonlySet<AuthMethod>;
  /** The real id for a host that called itself otherwise (header x-opsi-new-host-id), else null. */
  readonly newHostId: string | null;
}

/** Does a lower-case login name mean a host? Everything else is a user. (service 3.2) */
export function isHostName(name: string): boolean {
  if (name === "" || name.startsWith(hardwarePrefix) || name.startsWith(uuidPrefix) || macAddress.test(name))
    return true;
  return /^[^.]+\.[^.]+\.\S+$/.test(name) || name.split(".").length > 2;
}

/**
 * Logs a host in with its id, hardware address or system UUID and its key or, clients only, a one-time password,
 * which is gone afterwards. Names are compared literally, wildcards mean nothing. (service 3.3)
 *
 * @param admit what else the host needs, asked before its password; throws if it has not
 * @throws OpsiError OpsiServiceAuthenticationError
 */
export async function logInHost(
  name: string,
  password: string,
  userAgent: string,
  directory: HostDirectory,
  settings: HostLoginSettings,
  admit: (host: Pick<HostRecord, "id" | "type">) => Promise<void> = async () => undefined,
): Promise<HostLogin> {
  const failed = () => new OpsiError("OpsiServiceAuthenticationError", `Authentication of host '${name}' failed`);
  const { by, method, written } = hostKeyOf(name, password, settings.hostKeyOnly);
  if (by === null) throw failed();
  const found = await directory.findHosts(by);
  let host = found.length === 1 ? found[0] : undefined;
  if (found.length === 0 && "id" in by && settings.recoverClients && userAgent.includes("opsiclientd")) {
    if (!/^[0-9a-f]{32}$/.test(password)) throw failed();
    await admit({ id: by.id, type: "OpsiClient" });
    const notes = "Created by opsiconfd with recover clients option.";
    host = await directory.createClient({ id: by.id, opsiHostKey: password, notes });
  }
  if (host === undefined || host.opsiHostKey === null || host.opsiHostKey === "") throw failed();

  await admit(host);
  const newHostId = written === host.id ? null : host.id;
  if (sameText(password, host.opsiHostKey)) return { host, methods: new Set([method, "host_key"]), newHostId };
  const oneTime = host.type === "OpsiClient" ? (host.oneTimePassword ?? "") : "";
  if (oneTime === "" || !sameText(password, oneTime)) throw failed();
  await directory.clearOneTimePassword(host.id);
  return { host, methods: new Set([method, "password_onetime"]), newHostId };
}

const hardwarePrefix = "{hardware_address}";
const uuidPrefix = "{system_uuid}";
const macAddress = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** How to look the host up; `by` is null for what cannot be the address or UUID of any host. */
function hostKeyOf(
  name: string,
  password: string,
  hostKeyOnly: boolean,
): { by: HostKey | null; method: AuthMethod; written: string } {
  if (hostKeyOnly) return { by: { opsiHostKey: password }, method: "host_key", written: name };
  if (name.startsWith(hardwarePrefix) || macAddress.test(name)) {
    const digits = name.replace(hardwarePrefix, "").replace(/[:-]/g, "");
    const hardwareAddress = digits.match(/../g)?.join(":") ?? "";
    const by = macAddress.test(hardwareAddress) && digits.length === 12 ? { hardwareAddress } : null;
    return { by, method: "hardware_address", written: name };
  }
  if (name.startsWith(uuidPrefix)) {
    const systemUUID = name.slice(uuidPrefix.length);
    const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(systemUUID);
    return { by: isUuid ? { systemUUID } : null, method: "system_uuid", written: name };
  }
  let end = name.length;
  while (name[end - 1] === ".") end--;
  const id = name.slice(0, end);
  return { by: id === "" ? null : { id }, method: "host_id", written: id };
}
