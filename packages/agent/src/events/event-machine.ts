import type { Power } from "../platform/platform.ts";

/** What an event is going to do; taken from its configuration when it is fired. (agent §3.4) */
export interface EventPlan {
  /** Event config id, e.g. `on_demand{user_logged_in}`. */
  readonly id: string;
  /** May end a running event that can be canceled; true for what people fire by hand. */
  readonly canCancel: boolean;
  readonly insideWorkingWindow: boolean;
  readonly delaySeconds: number;
  readonly readsConfiguration: boolean;
  readonly processesActions: boolean;
  readonly cachesProducts: boolean;
  /** Unconditional restart at the end. */
  readonly power: Power;
  readonly warningSeconds: number;
}

type Phase =
  | "waiting"
  | "connecting"
  | "configuring"
  | "acting"
  | "caching"
  | "reporting"
  | "closing"
  | "warning"
  | "ending";

export type State =
  | { readonly phase: "idle" }
  | {
      readonly phase: Phase;
      readonly plan: EventPlan;
      readonly power: Power;
      readonly canceled: boolean;
      /** The event that canceled this one and starts when it has ended. */
      readonly next: EventPlan | null;
    };

export type Input =
  | { readonly type: "fired"; readonly plan: EventPlan }
  | { readonly type: "waited" | "connected" | "configured" | "cached" | "reported" | "closed" | "ended" }
  | { readonly type: "acted"; readonly power: Power }
  | { readonly type: "warned"; readonly execute: boolean }
  | { readonly type: "canceled" | "failed" };

/**
 * What the runner has to do. All but `refuse` and `cancel` end with an input: the one they are there for, or `failed`.
 * `cancel` makes the effect that is under way fail with `canceled`.
 */
export type Effect =
  | "wait"
  | "connect"
  | "readConfiguration"
  | "processActions"
  | "cacheProducts"
  | "sendLog"
  | "close"
  | "warn"
  | "reboot"
  | "shutdown"
  | "end"
  | "refuse"
  | "cancel";

/** Once actions run nobody may cancel: a half-installed product is worse than a late one. (agent §4.1) */
const cancelable: ReadonlySet<string> = new Set(["waiting", "connecting", "configuring"]);

/** True if a new event, or a person, may end the running one now. */
export function isCancelable(state: State): boolean {
  if (state.phase === "idle") return false;
  // Fetching for later costs nothing when it is ended: it continues there.
  const afterNoActions = state.phase === "warning" || state.phase === "caching";
  return cancelable.has(state.phase) || (afterNoActions && !state.plan.processesActions);
}

/**
 * One event after the other: no clock, no I/O. There is no queue: an event that cannot start now is refused, except
 * that a cancelable one makes room. Inputs that do not fit the phase come from effects that were canceled and are
 * ignored. (agent §3.5, §4.2)
 */
export function step(state: State, input: Input): readonly [State, ...Effect[]] {
  if (state.phase === "idle") return input.type === "fired" ? start(input.plan) : [state];
  const { phase, plan } = state;
  // An effect may succeed in the moment in which it is canceled; then it goes no further either.
  if (state.canceled && cancelable.has(phase) && input.type !== "fired" && input.type !== "failed")
    return report(state);
  switch (input.type) {
    case "fired":
      if (!input.plan.insideWorkingWindow || !input.plan.canCancel || !isCancelable(state)) return [state, "refuse"];
      if (state.canceled) return [state, "refuse"]; // one is waiting for its end already
      return [{ ...state, canceled: true, next: input.plan }, "cancel"];
    case "canceled":
      if (phase === "warning" && isCancelable(state)) return end({ ...state, canceled: true });
      return isCancelable(state) ? report({ ...state, canceled: true }) : [state];
    case "failed":
      if (phase === "reporting") return [{ ...state, phase: "closing" }, "close"];
      if (phase === "closing" || phase === "warning" || phase === "ending")
        return afterClosing({ ...state, power: "none" }, phase);
      return report(state);
    case "waited":
      return phase === "waiting" ? connect(state) : [state];
    case "connected":
      if (phase !== "connecting") return [state];
      return plan.readsConfiguration ? [{ ...state, phase: "configuring" }, "readConfiguration"] : act(state);
    case "configured":
      return phase === "configuring" ? act(state) : [state];
    case "acted":
      if (phase !== "acting") return [state];
      return cache({ ...state, power: stronger(plan.power, input.power) });
    case "cached":
      if (phase !== "caching") return [state];
      return state.canceled ? report(state) : [{ ...state, phase: "reporting" }, "sendLog"];
    case "reported": // nothing can be said to the service any more, not even that the log did not arrive
      return phase === "reporting" ? [{ ...state, phase: "closing" }, "close"] : [state];
    case "closed":
      return phase === "closing" ? afterClosing(state, phase) : [state];
    case "warned":
      if (phase !== "warning") return [state];
      return end(input.execute ? state : { ...state, power: "none" });
    case "ended":
      if (phase !== "ending") return [state];
      return state.next === null ? [{ phase: "idle" }] : start(state.next);
    default:
      return input satisfies never;
  }
}

type Running = Exclude<State, { phase: "idle" }>;

function start(plan: EventPlan): readonly [State, ...Effect[]] {
  if (!plan.insideWorkingWindow) return [{ phase: "idle" }, "refuse"];
  const state: Running = { phase: "waiting", plan, power: "none", canceled: false, next: null };
  return plan.delaySeconds > 0 ? [state, "wait"] : connect(state);
}

function connect(state: Running): readonly [State, ...Effect[]] {
  const { readsConfiguration, processesActions, cachesProducts } = state.plan;
  return readsConfiguration || processesActions || cachesProducts
    ? [{ ...state, phase: "connecting" }, "connect"]
    : act(state);
}

/** What did not come to its end restarts nothing (agent §4.2 step 23), but its log is wanted. */
function report(state: Running): readonly [State, ...Effect[]] {
  return [{ ...state, phase: "reporting", power: "none" }, "sendLog"];
}

function act(state: Running): readonly [State, ...Effect[]] {
  if (state.plan.processesActions) return [{ ...state, phase: "acting" }, "processActions"];
  return cache({ ...state, power: state.plan.power });
}

function cache(state: Running): readonly [State, ...Effect[]] {
  if (state.plan.cachesProducts) return [{ ...state, phase: "caching" }, "cacheProducts"];
  return [{ ...state, phase: "reporting" }, "sendLog"];
}

function afterClosing(state: Running, phase: Phase): readonly [State, ...Effect[]] {
  if (phase === "closing" && !state.canceled && state.power !== "none" && state.plan.warningSeconds > 0) {
    return [{ ...state, phase: "warning" }, "warn"];
  }
  if (phase === "ending") return [{ phase: "idle" }]; // the restart itself failed: the wish stays, the next event sees it
  return end(state);
}

function end(state: Running): readonly [State, ...Effect[]] {
  const ending = { ...state, phase: "ending" } as const;
  if (state.canceled || state.power === "none") return [ending, "end"];
  return [ending, state.power, "end"];
}

/** A restart finishes what a product began; switching off can wait for it. (agent §4.6) */
export function stronger(one: Power, other: Power): Power {
  if (one === "reboot" || other === "reboot") return "reboot";
  return one === "shutdown" || other === "shutdown" ? "shutdown" : "none";
}
