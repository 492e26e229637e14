import { setTimeout } from "node:timers/promises";
import type { Log } from "@opsi-ts/logging";
import { OpsiError } from "@opsi-ts/model";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import type { Power } from "../platform/platform.ts";
import type { AgentState } from "../state/agent-state.ts";
import { waitSeconds } from "../wait-seconds.ts";
import { type EventConfiguration, readEvents, selectVariant } from "./event-configuration.ts";
import { type Effect, type EventPlan, type Input, isCancelable, type State, step } from "./event-machine.ts";
import { isInsideWindow } from "./working-window.ts";

/** An event that is being processed. */
export interface RunningEvent {
  readonly configuration: EventConfiguration;
  readonly productIds: readonly string[] | null;
  readonly info: Readonly<Record<string, string>>;
}

export interface FireOptions {
  readonly canCancel: boolean;
  readonly productIds?: readonly string[] | null;
  readonly info?: Readonly<Record<string, string>>;
}

/** What the effects of the machine mean; the agent implements it. Each may throw, which the machine takes as `failed`. */
export interface EventWork {
  connect(event: RunningEvent, signal: AbortSignal): Promise<void>;
  readConfiguration(event: RunningEvent, signal: AbortSignal): Promise<void>;
  processActions(event: RunningEvent, signal: AbortSignal): Promise<Power>;
  cacheProducts(event: RunningEvent, signal: AbortSignal): Promise<void>;
  sendLog(event: RunningEvent): Promise<void>;
  /** Closes the connection and runs what is configured for the end of an event. */
  close(event: RunningEvent, canceled: boolean): Promise<void>;
  warn(event: RunningEvent, power: Power, seconds: number, signal: AbortSignal): Promise<boolean>;
  restartMachine(power: Exclude<Power, "none">): Promise<void>;
}

const stopMilliseconds = 5000;

/** Performs the effects of the event machine one after the other and logs each transition. */
export class EventRunner implements AsyncDisposable {
  readonly #configuration: AgentConfiguration;
  readonly #state: AgentState;
  readonly #work: EventWork;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #machine: State = { phase: "idle" };
  #event: RunningEvent | null = null;
  #nextEvent: RunningEvent | null = null;
  #cancel = new AbortController();
  #effect: Promise<void> = Promise.resolve();
  readonly #waiting: (() => void)[] = [];
  /** Whether the last event came to its end without failure. */
  lastEventSucceeded = true;

  constructor(configuration: AgentConfiguration, state: AgentState, work: EventWork, log: Log) {
    this.#configuration = configuration;
    this.#state = state;
    this.#work = work;
    this.#log = log.child({ subject: "events" });
  }

  /** Id of the event that is processed now, with its variant. */
  get running(): string | null {
    return this.#machine.phase === "idle" ? null : this.#machine.plan.id;
  }

  /** Main ids of events that can be fired. */
  get fireable(): string[] {
    return this.ofType();
  }

  /** Main ids of active events, of one type or all. */
  ofType(type?: string): string[] {
    const active = readEvents(this.#configuration, this.#log).filter(
      (event) => event.active && (type === undefined || event.options.type === type),
    );
    return [...new Set(active.map(({ mainId }) => mainId))];
  }

  /**
   * Starts an event, or lets it cancel the running one if both allow that. Returns at once.
   *
   * @returns false if no variant's preconditions are true, or it is outside its working window (agent §3.2)
   * @throws OpsiError ValueError for an unknown event, RuntimeError if another one cannot be canceled
   */
  fire(mainId: string, options: FireOptions): boolean {
    const variants = readEvents(this.#configuration, this.#log).filter(
      (event) => event.active && event.mainId === mainId,
    );
    if (variants.length === 0)
      throw new OpsiError("ValueError", `Event '${mainId}' not in list of known events: ${this.fireable.join(", ")}`);
    const configuration = selectVariant(variants, (state) => this.#state.isTrue(state));
    if (configuration === null) return false;
    const event = { configuration, productIds: options.productIds ?? null, info: options.info ?? {} };
    const plan = planOf(configuration, options.canCancel);
    if (!plan.insideWorkingWindow) {
      this.#log.notice(
        { event: plan.id, window: configuration.options.working_window },
        "event is outside its working window",
      );
      return false;
    }
    const wasIdle = this.#machine.phase === "idle";
    if (wasIdle) this.#event = event;
    const effects = this.#apply({ type: "fired", plan });
    if (effects.includes("refuse")) {
      throw new OpsiError(
        "RuntimeError",
        `Event '${mainId}' refused: event '${this.running}' is running and cannot be canceled now`,
      );
    }
    if (!wasIdle) this.#nextEvent = event;
    this.#perform(effects);
    return true;
  }

  /**
   * @returns false if no such event runs
   * @throws OpsiError RuntimeError if it cannot be canceled now (agent §4.1)
   */
  cancel(ids: readonly string[] | null): boolean {
    const id = this.running;
    if (id === null || (ids !== null && ids.length > 0 && !ids.includes(id))) return false;
    if (!isCancelable(this.#machine)) throw new OpsiError("RuntimeError", "Event processing currently not cancelable");
    this.#cancel.abort(new OpsiError("RuntimeError", "Event was canceled"));
    return true;
  }

  /** Resolves when no event is processed. */
  async idle(): Promise<void> {
    if (this.#machine.phase !== "idle") await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Stops as a crash would: what is in progress is found in the state file by the next start. An action processor at
   * work is not waited for.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new OpsiError("RuntimeError", "Agent stops"));
    await Promise.race([this.#effect, setTimeout(stopMilliseconds, undefined, { ref: false })]);
  }

  #apply(input: Input): Effect[] {
    const before = this.#machine;
    const [after, ...effects] = step(before, input);
    this.#machine = after;
    const id = after.phase === "idle" ? (before.phase === "idle" ? undefined : before.plan.id) : after.plan.id;
    if (before.phase !== after.phase || effects.length > 0) {
      this.#log.info(
        { event: id, input: input.type, from: before.phase, to: after.phase, effects: effects.join(" ") },
        "transition",
      );
    }
    return effects;
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect === "refuse") continue;
      if (effect === "cancel") {
        this.#cancel.abort(new OpsiError("RuntimeError", "Event was canceled by another one"));
        continue;
      }
      if (effect === "reboot" || effect === "shutdown") {
        const restart = () =>
          this.#work
            .restartMachine(effect)
            .catch((error: unknown) => this.#log.error({ err: error }, "machine could not be restarted"));
        this.#effect = this.#effect.then(restart);
        continue;
      }
      this.#cancel = new AbortController();
      const signal = AbortSignal.any([this.#stop.signal, this.#cancel.signal]);
      this.#effect = this.#effect
        .then(() => this.#run(effect, signal))
        .then((input) => {
          if (input === null || this.#stop.signal.aborted) return;
          const next = this.#apply(input);
          if (input.type === "ended" || this.#machine.phase === "idle") this.#changeEvent();
          if (this.#machine.phase === "idle") for (const resolve of this.#waiting.splice(0)) resolve();
          // Not awaited here: the chain would wait for itself.
          queueMicrotask(() => this.#perform(next));
        });
    }
  }

  #changeEvent(): void {
    this.#event = this.#machine.phase === "idle" ? null : this.#nextEvent;
    this.#nextEvent = null;
  }

  async #run(
    effect: Exclude<Effect, "refuse" | "cancel" | "reboot" | "shutdown">,
    signal: AbortSignal,
  ): Promise<Input | null> {
    const event = this.#event;
    const machine = this.#machine;
    if (event === null || machine.phase === "idle") return null;
    try {
      switch (effect) {
        case "wait":
          await waitSeconds(machine.plan.delaySeconds, signal);
          return { type: "waited" };
        case "connect":
          this.lastEventSucceeded = true;
          await this.#work.connect(event, signal);
          return { type: "connected" };
        case "readConfiguration":
          await this.#work.readConfiguration(event, signal);
          return { type: "configured" };
        case "processActions":
          return { type: "acted", power: await this.#work.processActions(event, this.#stop.signal) };
        case "cacheProducts":
          await this.#work.cacheProducts(event, signal);
          return { type: "cached" };
        case "sendLog":
          await this.#work.sendLog(event);
          return { type: "reported" };
        case "close":
          await this.#work.close(event, machine.canceled);
          return { type: "closed" };
        case "warn":
          return {
            type: "warned",
            execute: await this.#work.warn(event, machine.power, machine.plan.warningSeconds, signal),
          };
        case "end":
          return { type: "ended" };
        default:
          return effect satisfies never;
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return null;
      if (this.#cancel.signal.aborted) {
        this.#log.notice({ event: machine.plan.id }, "event was canceled");
        return { type: "canceled" };
      }
      this.lastEventSucceeded = false;
      this.#log.error({ event: machine.plan.id, effect, err: error }, "event failed");
      return { type: "failed" };
    }
  }
}

function planOf({ id, options }: EventConfiguration, canCancel: boolean): EventPlan {
  return {
    id,
    canCancel,
    insideWorkingWindow: isInsideWindow(options.working_window, new Date()),
    delaySeconds: options.notification_delay,
    readsConfiguration: options.get_config_from_service,
    processesActions: options.process_actions,
    cachesProducts: options.cache_products,
    power: options.reboot ? "reboot" : options.shutdown ? "shutdown" : "none",
    warningSeconds: options.shutdown_warning_time,
  };
}
