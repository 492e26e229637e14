import { opsiScriptVersion } from "../version.ts";
import type { Service } from "./service.ts";
import { SynchronousService } from "./synchronous-service.ts";

const userAgent = `opsi-script / ${opsiScriptVersion}`;

/**
 * The connections of one run: the one given at the start, and those to which scripts switch (sections §13). The last
 * one stays in use until the script switches again.
 */
export class ServiceConnections {
  readonly #initial: Service | null;
  #current: Service | null;

  constructor(initial: Service | null) {
    this.#initial = initial;
    this.#current = initial;
  }

  get current(): Service | null {
    return this.#current;
  }

  /** Back to the service given at the start. */
  reset(): void {
    this.#use(this.#initial);
  }

  /**
   * Logs in somewhere else. A first call shows whether that works.
   *
   * @throws ServiceProblem; the old connection stays in use then
   */
  switchTo(url: string, username: string, password: string): void {
    const login = { url, username, password, userAgent, caFile: null };
    const service = new SynchronousService(login, this.#initial?.clientId ?? username);
    try {
      service.call("backend_getInterface", []);
    } catch (problem) {
      service.close();
      throw problem;
    }
    this.#use(service);
  }

  /** For one call: what was in use before is in use again afterwards. */
  withService<T>(url: string, username: string, password: string, use: (service: Service) => T): T {
    const service = new SynchronousService({ url, username, password, userAgent, caFile: null }, username);
    try {
      return use(service);
    } finally {
      service.close();
    }
  }

  #use(service: Service | null): void {
    const previous = this.#current;
    this.#current = service;
    if (previous !== this.#initial && previous !== service) previous?.close();
  }

  close(): void {
    this.#use(this.#initial);
  }
}
