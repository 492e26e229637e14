import { lookup } from "node:dns/promises";
import { isOpsiError, OpsiError } from "@opsi-ts/model";
import type { HostControlSettings } from "../configuration/host-control-settings.ts";
import { type AgentCall, callAgent } from "./agent-call.ts";
import { isReachable } from "./agent-connection.ts";
import { inParallel } from "./in-parallel.ts";

/** A client as it is reached. */
export interface ControlledHost {
  readonly id: string;
  readonly ipAddress: string | null;
  readonly hostKey: string | null;
  /** Where the client has another port than the site. */
  readonly port: number | null;
}

/** What came of a call at one host. (methods 10.2) */
export interface HostResult {
  readonly result: unknown;
  readonly error: string | null;
}

export interface HostControlOptions {
  /** Read at each call: the file may change. */
  settings(): HostControlSettings;
  /** PEM of the opsi CA. */
  authority(): Promise<string>;
  /** Send host keys to whoever has the address of a client. */
  readonly anyCertificate: boolean;
}

/** Text of an error for the caller, who also wants to know its kind. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reaches clients through their agents' control interface. (methods 10) */
export class HostControl {
  readonly #options: HostControlOptions;

  constructor(options: HostControlOptions) {
    this.#options = options;
  }

  get settings(): HostControlSettings {
    return this.#options.settings();
  }

  /** Calls a method at many clients at once. A client that cannot be reached has an error in its result. */
  async call(
    hosts: readonly ControlledHost[],
    method: string,
    paramsOf: (host: ControlledHost) => readonly unknown[],
    seconds?: number,
  ): Promise<Map<string, HostResult>> {
    const settings = this.#options.settings();
    const trust = { authority: await this.#options.authority(), anyCertificate: this.#options.anyCertificate };
    const timeout = seconds ?? settings.rpcTimeout;
    const results = await inParallel(hosts, settings.maxConnections, async (host): Promise<HostResult> => {
      const signal = AbortSignal.timeout(timeout * 1000);
      try {
        const { hostKey, id: hostId } = host;
        if (!hostKey)
          throw new OpsiError("BackendMissingDataError", `Failed to get opsi host key for host '${hostId}'`);
        const address = await addressOf(host, settings);
        const port = host.port ?? settings.port;
        const call: AgentCall = { hostId, address, port, hostKey, method, params: paramsOf(host) };
        return { result: await callAgent(call, trust, signal), error: null };
      } catch (error) {
        const late = signal.aborted && !isOpsiError(error);
        return { result: null, error: late ? `timed out after ${timeout.toFixed(2)} seconds` : errorText(error) };
      }
    });
    return new Map(hosts.map(({ id }, index) => [id, results[index] ?? { result: null, error: "not called" }]));
  }

  /** Whether the agents' port answers. */
  async reachable(hosts: readonly ControlledHost[], seconds?: number): Promise<Map<string, boolean>> {
    const settings = this.#options.settings();
    const answers = await inParallel(hosts, settings.maxConnections, async (host) => {
      const signal = AbortSignal.timeout((seconds ?? settings.reachableTimeout) * 1000);
      const address = await addressOf(host, settings).catch(() => null);
      return address !== null && isReachable(address, host.port ?? settings.port, signal);
    });
    return new Map(hosts.map(({ id }, index) => [id, answers[index] ?? false]));
  }
}

/** @throws BackendUnaccomplishableError */
async function addressOf({ id, ipAddress }: ControlledHost, settings: HostControlSettings): Promise<string> {
  if (!settings.resolveHostAddress && ipAddress) return ipAddress;
  const found = settings.resolveHostAddress ? await lookup(id).catch(() => null) : null;
  if (found) return found.address;
  throw new OpsiError("BackendUnaccomplishableError", `Failed to get ip address for host '${id}'`);
}
