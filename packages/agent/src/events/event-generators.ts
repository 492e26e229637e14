import { setTimeout } from "node:timers/promises";
import type { Log } from "@opsi-ts/logging";
import { isOpsiError } from "@opsi-ts/model";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import { waitSeconds } from "../wait-seconds.ts";
import { type EventConfiguration, readEvents } from "./event-configuration.ts";
import type { EventRunner } from "./event-runner.ts";

const guiPollMilliseconds = 3000;

/**
 * Fires events by themselves: at the start of the agent, when a login screen or desktop appears, and by the clock.
 * Everything else is fired through the control server. (agent §3.5)
 */
export class EventGenerators implements AsyncDisposable {
  readonly #configuration: AgentConfiguration;
  readonly #runner: EventRunner;
  readonly #log: Log;
  readonly #loops = new Map<string, { stop: AbortController; ended: Promise<void>; key: string }>();

  constructor(configuration: AgentConfiguration, runner: EventRunner, log: Log) {
    this.#configuration = configuration;
    this.#runner = runner;
    this.#log = log.child({ subject: "events" });
  }

  /** @param disabledTypes event types that do not occur in this run of the agent (agent §1.5) */
  start(disabledTypes: ReadonlySet<string> = new Set()): void {
    const events = readEvents(this.#configuration, this.#log).filter(({ active }) => active);
    for (const mainId of mainIds(events, "daemon startup"))
      if (!disabledTypes.has("daemon startup")) this.#fire(mainId);
    for (const event of events) {
      if (event.options.type === "gui startup" && !disabledTypes.has("gui startup"))
        this.#startLoop(event, (signal) => this.#waitForGui(event, signal));
    }
    this.reconcile();
  }

  /** Starts and stops timers according to the configuration; called after each reading of it. */
  reconcile(): void {
    const timers = readEvents(this.#configuration, this.#log).filter(
      ({ active, options }) => active && options.type === "timer",
    );
    const wanted = new Set(timers.map(timerKey));
    for (const [mainId, { stop, key }] of this.#loops) {
      if (key === "" || wanted.has(key)) continue;
      stop.abort();
      this.#loops.delete(mainId);
    }
    for (const event of timers) this.#startLoop(event, (signal) => this.#runTimer(event, signal), timerKey(event));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const loops = [...this.#loops.values()];
    for (const { stop } of loops) stop.abort();
    await Promise.all(loops.map(({ ended }) => ended));
  }

  #startLoop({ mainId }: EventConfiguration, run: (signal: AbortSignal) => Promise<void>, key = ""): void {
    if (this.#loops.has(mainId)) return;
    const stop = new AbortController();
    const ended = run(stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) this.#log.error({ event: mainId, err: error }, "event generator failed");
    });
    this.#loops.set(mainId, { stop, ended, key });
  }

  async #waitForGui({ mainId, options }: EventConfiguration, signal: AbortSignal): Promise<void> {
    await waitSeconds(options.activation_delay, signal);
    while (!this.#configuration.platform.guiRunning()) await setTimeout(guiPollMilliseconds, undefined, { signal });
    this.#fire(mainId);
  }

  async #runTimer({ mainId, options }: EventConfiguration, signal: AbortSignal): Promise<void> {
    await waitSeconds(options.activation_delay, signal);
    for (let occurrences = 0; options.max_repetitions < 0 || occurrences <= options.max_repetitions; occurrences++) {
      const seconds = occurrences === 0 && options.start_interval > 0 ? options.start_interval : options.interval;
      if (seconds <= 0) return; // no further occurrence by itself
      await waitSeconds(seconds, signal);
      this.#fire(mainId);
    }
  }

  #fire(mainId: string): void {
    try {
      this.#runner.fire(mainId, { canCancel: false });
    } catch (error) {
      if (!isOpsiError(error)) throw error;
      this.#log.notice({ event: mainId, reason: error.message }, "event does not take place");
    }
  }
}

const timerKey = ({ mainId, options }: EventConfiguration) =>
  [mainId, options.start_interval, options.interval, options.activation_delay, options.max_repetitions].join(" ");

function mainIds(events: readonly EventConfiguration[], type: string): string[] {
  return [...new Set(events.filter(({ options }) => options.type === type).map(({ mainId }) => mainId))];
}
