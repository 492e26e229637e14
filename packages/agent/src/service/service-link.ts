import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Log } from "@opsi-ts/logging";
import { isOpsiError, OpsiError } from "@opsi-ts/model";
import { type ConnectOptions, caFingerprint, readCaFile, ServiceClient, writeCaFile } from "@opsi-ts/protocol";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import type { AgentState } from "../state/agent-state.ts";
import { isAway } from "./service-trouble.ts";

export const agentVersion = "0.1.0";
const retryMilliseconds = 3000;
const lastAddress = "last_service_url";

/**
 * The one connection to the configuration service, with the host key. Whoever needs it asks for it; it is made when
 * it is needed and closed when nobody holds it any more. (agent §1.10, §4.3)
 */
export class ServiceLink implements AsyncDisposable {
  readonly #configuration: AgentConfiguration;
  readonly #state: AgentState;
  readonly #log: Log;
  #client: ServiceClient | null = null;
  #connecting: Promise<ServiceClient> | null = null;
  #holders = 0;
  /** Of the service that was reached last. */
  serverVersion = "4.3.0.0";

  constructor(configuration: AgentConfiguration, state: AgentState, log: Log) {
    this.#configuration = configuration;
    this.#state = state;
    this.#log = log.child({ subject: "service" });
  }

  get connected(): boolean {
    return this.#client !== null;
  }

  /**
   * Tries each address in turn, each of them again and again until `config_service.connection_timeout` is over.
   *
   * @throws OpsiError of the last attempt; at once if the service refuses the host key or cannot be verified
   */
  async connect(signal: AbortSignal): Promise<ServiceClient> {
    const limit = this.#configuration.number("config_service.connection_timeout") * 1000;
    let last: unknown = new OpsiError(
      "OpsiServiceConnectionError",
      "No address of a configuration service is configured",
    );
    for (const url of this.#addresses()) {
      for (const deadline = Date.now() + limit; ; ) {
        try {
          return await this.#open(url, signal);
        } catch (error) {
          signal.throwIfAborted();
          last = error;
          this.#log.warning(
            { url, reason: error instanceof Error ? error.message : String(error) },
            "service not reached",
          );
          if (!isAway(error) || Date.now() + retryMilliseconds > deadline) break;
        }
        await setTimeout(retryMilliseconds, undefined, { signal });
      }
    }
    throw last;
  }

  /** The connection that is there, else one attempt per address. */
  async client(signal?: AbortSignal): Promise<ServiceClient> {
    if (this.#client !== null) return this.#client;
    this.#connecting ??= this.#tryAll(signal).finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  /** Keeps the connection, once it is there, until the last holder lets go. */
  hold(): AsyncDisposable {
    let held = true;
    this.#holders++;
    return {
      [Symbol.asyncDispose]: async () => {
        if (!held) return;
        held = false;
        this.#holders--;
        if (this.#holders === 0) await this.#close();
      },
    };
  }

  async #close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  /**
   * The configured ones, and the one that worked last: a wrong address that the service configures for its clients must
   * not cut them off for ever.
   */
  #addresses(): string[] {
    const lastGood = this.#state.get(lastAddress);
    const configured = this.#configuration.list("config_service.url");
    return [...new Set([...configured, ...(typeof lastGood === "string" ? [lastGood] : [])])];
  }

  async #tryAll(signal: AbortSignal | undefined): Promise<ServiceClient> {
    let last: unknown = new OpsiError(
      "OpsiServiceConnectionError",
      "No address of a configuration service is configured",
    );
    for (const url of this.#addresses()) {
      try {
        return await this.#open(url, signal);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  async #open(url: string, signal: AbortSignal | undefined): Promise<ServiceClient> {
    if (this.#client !== null) return this.#client;
    const hostId = this.#configuration.text("global.host_id");
    let client: ServiceClient;
    try {
      client = await ServiceClient.connect(this.#options(url, hostId, signal));
    } catch (error) {
      const name = this.#configuration.platform.hostName();
      if (!isOpsiError(error, "OpsiServiceAuthenticationError") || name === hostId || name.split(".").length < 3)
        throw error;
      // A machine that was renamed: the key is what counts. (agent §1.10)
      client = await ServiceClient.connect(this.#options(url, name, signal));
    }
    this.#client = client;
    if (!this.#configuration.list("config_service.url").includes(url)) {
      this.#log.warning({ url }, "no configured address works, the one that worked last is used");
    }
    if (this.#state.get(lastAddress) !== url) await this.#state.set(lastAddress, url);
    if (client.serverVersion !== "0") this.serverVersion = client.serverVersion;
    this.#log.notice({ url, server: client.serverName }, "connected to service");
    await this.#keepCa(client);
    await this.#takeOverHostId(client.newHostId);
    return client;
  }

  #options(url: string, username: string, signal: AbortSignal | undefined): ConnectOptions {
    return {
      url,
      username,
      password: this.#configuration.text("global.opsi_host_key"),
      ...verification(this.#configuration, this.#log),
      userAgent: `opsiclientd/${agentVersion}`,
      sessionLifetime: 150,
      retry: { attempts: 2, maximumDelayMilliseconds: 2000 },
      signal:
        signal === undefined ? AbortSignal.timeout(30_000) : AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
    };
  }

  /** Without verification the CA is fetched all the same, so that it is there when verification is switched on. */
  async #keepCa(client: ServiceClient): Promise<void> {
    const file = caFile(this.#configuration);
    if (this.#configuration.flag("global.verify_server_cert") || (await readCaFile(file)) !== null) return;
    try {
      const response = await client.get(client.features.caPath);
      const pem = Buffer.from(await response.bytes(1024 * 1024)).toString("utf8");
      await mkdir(join(file, ".."), { recursive: true });
      await writeCaFile(file, pem);
      this.#log.warning({ fingerprint: caFingerprint(pem) }, "CA of the service was stored without verification");
    } catch (error) {
      this.#log.warning({ err: error }, "CA of the service could not be fetched");
    }
  }

  /** The service knows this machine under another name, e.g. because an administrator renamed it. (agent §1.10) */
  async #takeOverHostId(newHostId: string | undefined): Promise<void> {
    const hostId = this.#configuration.text("global.host_id");
    if (newHostId === undefined || newHostId === hostId) return;
    if (!this.#configuration.set("global", "host_id", newHostId)) return;
    this.#log.notice({ from: hostId, to: newHostId }, "host id taken over from service");
    await this.#configuration.writeFile(true);
  }
}

export function caFile(configuration: AgentConfiguration): string {
  return join(configuration.text("global.server_cert_dir"), "opsi-ca-cert.pem");
}

/** A CA that is missing is an error here: trust on first contact is a decision for `register`. */
export function verification(
  configuration: AgentConfiguration,
  log: Log,
): Pick<ConnectOptions, "verify" | "caFile" | "replaceExpiredCa" | "renewCa" | "onTrust"> {
  if (!configuration.flag("global.verify_server_cert")) return { verify: "none" };
  return {
    verify: "strict",
    caFile: caFile(configuration),
    replaceExpiredCa: configuration.flag("global.replace_expired_ca"),
    renewCa: true,
    onTrust: (fingerprint) => log.warning({ fingerprint }, "expired CA is replaced by that of the service"),
  };
}
