import { setTimeout } from "node:timers/promises";
import type { Log } from "@opsi-ts/logging";
import type { Outbox } from "./outbox.ts";
import type { ServiceLink } from "./service-link.ts";

/** 5 s, 10 s, … 10 min: about two hours, then the next event tries again. */
const maximumAttempts = 20;
const maximumDelayMilliseconds = 600_000;

/**
 * Delivers results that the service could not take during an event as soon as it is back, without waiting for the next
 * event.
 */
export class BackgroundDelivery implements AsyncDisposable {
  readonly #outbox: Outbox;
  readonly #link: ServiceLink;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  readonly #firstDelayMilliseconds: number;

  constructor(outbox: Outbox, link: ServiceLink, log: Log, firstDelayMilliseconds = 5000) {
    this.#outbox = outbox;
    this.#link = link;
    this.#log = log.child({ subject: "outbox" });
    this.#firstDelayMilliseconds = firstDelayMilliseconds;
  }

  /** Starts delivering if there is something to deliver and nobody is at it. */
  wake(): void {
    if (this.#outbox.size === 0 || this.#running !== null || this.#stop.signal.aborted) return;
    this.#running = this.#deliver().finally(() => {
      this.#running = null;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #deliver(): Promise<void> {
    const { signal } = this.#stop;
    this.#log.notice({ waiting: this.#outbox.size }, "results wait for the service");
    for (let attempt = 0; attempt < maximumAttempts; attempt++) {
      const delay =
        Math.min(maximumDelayMilliseconds, this.#firstDelayMilliseconds * 2 ** attempt) * (0.8 + Math.random() * 0.4);
      await setTimeout(delay, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await using _held = this.#link.hold();
      if ((await this.#outbox.deliver(() => this.#link.client(signal)).catch(() => "away")) === "empty") {
        this.#log.notice({}, "all results are with the service");
        return;
      }
    }
    this.#log.warning({ waiting: this.#outbox.size }, "service stays away, results wait for the next event");
  }
}
