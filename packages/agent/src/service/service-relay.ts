import type { Log } from "@opsi-ts/logging";
import type { RpcCall, ServiceClient } from "@opsi-ts/protocol";
import type { Outbox } from "./outbox.ts";
import { retryWhileAway } from "./retry-while-away.ts";

/** Calls that an action processor makes to report; they are accepted even while the service is away. */
const reports: ReadonlySet<string> = new Set([
  "productOnClient_updateObject",
  "productOnClient_updateObjects",
  "log_write",
]);

/** How long a call waits for a service that is away before it fails. */
const patienceMilliseconds = 240_000;

/**
 * The service as the action processor sees it: `https://127.0.0.1:<port>/rpc` of the control server. Calls go on to
 * the real service; while that is away, results and logs are kept in the outbox and everything else waits a while. The
 * original has its configuration cache at this place. (agent §6.3, §8.4)
 */
export class ServiceRelay {
  readonly #outbox: Outbox;
  readonly #client: () => Promise<ServiceClient>;
  readonly #log: Log;
  /** Told of each product whose state the action processor reports. */
  onProductState: ((state: Record<string, unknown>) => void) | null = null;

  constructor(outbox: Outbox, client: () => Promise<ServiceClient>, log: Log) {
    this.#outbox = outbox;
    this.#client = client;
    this.#log = log.child({ subject: "relay" });
  }

  /** @throws RemoteError what the method threw; OpsiError if the service stays away */
  async call({ method, params }: RpcCall, signal: AbortSignal): Promise<unknown> {
    // Ends the session of whoever calls, which is not ours.
    if (method === "backend_exit" || method === "exit") return null;
    if (reports.has(method) && Array.isArray(params)) return this.#report(method, params);
    return this.#forward(method, params as readonly unknown[] | Readonly<Record<string, unknown>>, signal);
  }

  async #report(method: string, params: readonly unknown[]): Promise<unknown> {
    const sent = method === "log_write" ? params : params.map(decodeText);
    for (const state of method === "log_write" ? [] : [sent[0]].flat()) {
      if (typeof state === "object" && state !== null) this.onProductState?.(state as Record<string, unknown>);
    }
    const delivery = await this.#outbox.send(method, sent, this.#client);
    if (delivery === "away") this.#log.warning({ method }, "service is away, result or log is kept");
    return null;
  }

  /** What came before goes before: otherwise a product would be asked for with its old state. */
  #forward(
    method: string,
    params: readonly unknown[] | Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const run = async () => {
      if (this.#outbox.size > 0) await this.#outbox.deliver(this.#client);
      return (await this.#client()).call(method, params, { signal });
    };
    return retryWhileAway(run, { what: method, maximumMilliseconds: patienceMilliseconds, log: this.#log, signal });
  }
}

/** Action processors send objects as JSON texts in strings. (script §3.1) */
function decodeText(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value) || value.length > 1_000_000) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
