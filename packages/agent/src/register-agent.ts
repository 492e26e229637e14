import { silentLog } from "@opsi-ts/logging";
import { OpsiError, rule } from "@opsi-ts/model";
import { readCaFile, ServiceClient, writeCaFile } from "@opsi-ts/protocol";
import { AgentConfiguration } from "./configuration/agent-configuration.ts";
import { currentPlatform } from "./platform/current-platform.ts";
import type { Platform } from "./platform/platform.ts";
import { agentVersion, caFile } from "./service/service-link.ts";

export interface RegisterOptions {
  readonly root: string;
  readonly url: string;
  /** An administrator, or the client's own id with its host key as password. */
  readonly username: string;
  readonly password: string;
  /** Default: the name of this machine; without a dot the service's domain is added. */
  readonly clientId?: string | undefined;
  readonly description?: string | undefined;
  readonly depotId?: string | undefined;
  /** PEM file of the service's CA; without it one that is there already, or `trust`. */
  readonly caFile?: string | undefined;
  /** Take the CA that the service offers. `onTrust` tells its fingerprint before, and may refuse by returning false. */
  readonly trust?: boolean | undefined;
  readonly onTrust?: ((fingerprint: string) => unknown) | undefined;
  readonly platform?: Platform | undefined;
}

export interface Registration {
  readonly clientId: string;
  readonly created: boolean;
  readonly configurationFile: string;
}

interface HostObject {
  readonly id: string;
  readonly type: string;
  readonly opsiHostKey: string | null;
  readonly hardwareAddress: string | null;
  readonly systemUUID: string | null;
}

/**
 * Makes this machine a client of a service: host object on the service, host key, address and CA on the machine. May be
 * repeated; a key that the service has is kept. (agent §1.4, §12.3)
 *
 *     await registerAgent({ root: "/", url: "https://opsi.example.org:4447", username: "admin", password, trust: true,
 *       onTrust: (fingerprint) => console.error(`CA ${fingerprint}`) });
 *
 * @throws OpsiError OpsiServiceVerificationError without a CA to trust, OpsiServiceAuthenticationError,
 *   BackendMissingDataError if the host has no key or is no client
 */
export async function registerAgent(options: RegisterOptions): Promise<Registration> {
  const platform = options.platform ?? currentPlatform();
  const configuration = new AgentConfiguration(platform, options.root, silentLog);
  await configuration.readFile();
  const trusted = caFile(configuration);
  const given = options.caFile === undefined ? null : await readCaFile(options.caFile);
  if (options.caFile !== undefined && given === null)
    throw new OpsiError("OpsiServiceVerificationError", `No CA certificate in ${options.caFile}`);
  const proof = options.caFile ?? trusted;
  await using service = await ServiceClient.connect({
    url: options.url,
    username: options.username,
    password: options.password,
    verify: options.trust === true && given === null ? "trust-on-first-use" : "strict",
    caFile: proof,
    onTrust: options.onTrust,
    userAgent: `opsi-client-agent-registration/${agentVersion}`,
  });
  const clientId = await completeId(options.clientId ?? platform.hostName(), service);
  const { host, created } = await findOrCreate(clientId, options, service, platform);
  await completeHost(host, service, identity(options.root, platform));
  if (options.depotId !== undefined) {
    await service.call("configState_createObjects", [
      [{ type: "ConfigState", configId: "clientconfig.depot.id", objectId: clientId, values: [options.depotId] }],
    ]);
  }
  const key = host.opsiHostKey ?? "";
  if (key === "")
    throw new OpsiError("BackendMissingDataError", `The service does not tell the host key of '${clientId}'`);
  await checkKey(options.url, clientId, key, proof);

  // Only now: a CA that does not fit must not take the place of one with which the agent works.
  if (given !== null) await writeCaFile(trusted, given);
  configuration.set("global", "host_id", clientId);
  if (!configuration.set("global", "opsi_host_key", key))
    throw new OpsiError("BackendBadValueError", `The host key of '${clientId}' is not 32 hexadecimal digits`);
  configuration.set("global", "verify_server_cert", true);
  configuration.set("config_service", "url", [options.url]);
  await configuration.writeFile(true);
  return { clientId, created, configurationFile: configuration.folders.configurationFile };
}

async function completeId(name: string, service: ServiceClient): Promise<string> {
  const given = name.toLowerCase().replaceAll("_", "-");
  return String(
    rule.hostId.coerce(given.includes(".") ? given : `${given}.${await service.call<string>("getDomain")}`),
  );
}

async function findOrCreate(
  clientId: string,
  options: RegisterOptions,
  service: ServiceClient,
  platform: Platform,
): Promise<{ host: HostObject; created: boolean }> {
  const find = async () => (await service.call<HostObject[]>("host_getObjects", [[], { id: clientId }]))[0];
  let host = await find();
  const created = host === undefined;
  if (host === undefined) {
    // Without a key: the service makes one. (agent §12.3)
    await service.call("host_createOpsiClient", [
      clientId,
      null,
      options.description ?? null,
      null,
      identity(options.root, platform).hardwareAddress,
    ]);
    host = await find();
  }
  if (host === undefined) throw new OpsiError("BackendMissingDataError", `Client '${clientId}' was not created`);
  if (host.type !== "OpsiClient")
    throw new OpsiError("BackendBadValueError", `'${clientId}' is the name of a server (${host.type})`);
  return { host, created };
}

interface Identity {
  readonly hardwareAddress: string | null;
  readonly systemUUID: string | null;
}

/** An agent in a folder of its own is not the machine: several of them may be clients on one. */
function identity(root: string, platform: Platform): Identity {
  if (root !== "/") return { hardwareAddress: null, systemUUID: null };
  return { hardwareAddress: platform.hardwareAddress(), systemUUID: platform.systemUuid() };
}

/** Only what nobody has entered yet. */
async function completeHost(host: HostObject, service: ServiceClient, own: Identity): Promise<void> {
  const hardwareAddress = host.hardwareAddress ? null : own.hardwareAddress;
  const systemUUID = host.systemUUID ? null : own.systemUUID;
  if (hardwareAddress === null && systemUUID === null) return;
  const known = {
    type: "OpsiClient",
    id: host.id,
    ...(hardwareAddress === null ? {} : { hardwareAddress }),
    ...(systemUUID === null ? {} : { systemUUID }),
  };
  await service.call("host_updateObjects", [[known]]);
}

/** Better to learn it now than at the next start of the machine. */
async function checkKey(url: string, username: string, password: string, caFile: string): Promise<void> {
  await using _service = await ServiceClient.connect({
    url,
    username,
    password,
    caFile,
    verify: "strict",
    userAgent: `opsiclientd/${agentVersion}`,
  });
}
