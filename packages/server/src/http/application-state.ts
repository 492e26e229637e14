import { Refusal } from "../auth/refusal.ts";
import { Networks } from "../configuration/networks.ts";

export interface Maintenance {
  /** seconds */
  readonly retryAfter: number;
  readonly message: string;
  /** Networks that may still connect. */
  readonly addressExceptions: readonly string[];
}

export type ApplicationStateType = "startup" | "normal" | "maintenance" | "shutdown";

const localMachine = ["127.0.0.1/32", "::1/128"];

/** What the service is doing: normal work or maintenance, in which most callers are asked to come back later. (service 1.8) */
export class ApplicationState {
  #type: ApplicationStateType = "startup";
  #maintenance: Maintenance | null = null;
  #exceptions = new Networks([]);

  get type(): ApplicationStateType {
    return this.#type;
  }

  get maintenance(): Maintenance | null {
    return this.#maintenance;
  }

  set(type: "startup" | "normal" | "shutdown"): void {
    this.#type = type;
    this.#maintenance = null;
  }

  /** Exceptions are de-duplicated and sorted; `withLocalMachine` adds this machine's own addresses. */
  startMaintenance(options: { retryAfter?: number; message?: string; addressExceptions?: readonly string[] }): void {
    const addressExceptions = [...new Set(options.addressExceptions ?? localMachine)].sort();
    this.#type = "maintenance";
    this.#maintenance = {
      retryAfter: options.retryAfter ?? 600,
      message: options.message ?? "Maintenance mode, please try again later",
      addressExceptions,
    };
    this.#exceptions = new Networks(addressExceptions);
  }

  /** @throws Refusal 503 in maintenance for addresses that are no exception */
  admit(address: string): void {
    if (this.#maintenance === null || this.#exceptions.includes(address)) return;
    throw new Refusal(503, this.#maintenance.message, { retryAfter: this.#maintenance.retryAfter });
  }
}

/** Exceptions given at start or with "auto add" always include this machine. */
export function withLocalExceptions(networks: readonly string[]): readonly string[] {
  return [...localMachine, ...networks];
}
