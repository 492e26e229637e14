import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Effect, type EventPlan, type Input, isCancelable, type State, step } from "./event-machine.ts";

const plan: EventPlan = {
  id: "on_demand",
  canCancel: true,
  insideWorkingWindow: true,
  delaySeconds: 0,
  readsConfiguration: true,
  processesActions: true,
  cachesProducts: false,
  power: "none",
  warningSeconds: 0,
};
const idle: State = { phase: "idle" };
type Running = Exclude<State, { phase: "idle" }>;
const at = (phase: Running["phase"], change: Partial<Running> = {}): State => ({
  phase,
  plan,
  power: "none",
  canceled: false,
  next: null,
  ...change,
});
const fired = (change: Partial<EventPlan> = {}): Input => ({ type: "fired", plan: { ...plan, ...change } });
const sync = { ...plan, processesActions: false };
const caching = { ...sync, cachesProducts: true };

describe("one step", () => {
  test.each<[what: string, from: State, input: Input, phase: State["phase"], ...effects: Effect[]]>([
    ["an event connects first", idle, fired(), "connecting", "connect"],
    ["no start outside the working window", idle, fired({ insideWorkingWindow: false }), "idle", "refuse"],
    ["a delay is waited for", idle, fired({ delaySeconds: 5 }), "waiting", "wait"],
    ["after the delay it connects", at("waiting"), { type: "waited" }, "connecting", "connect"],
    [
      "an event that needs no service does not connect",
      idle,
      fired({ readsConfiguration: false, processesActions: false }),
      "reporting",
      "sendLog",
    ],
    ["then the configuration", at("connecting"), { type: "connected" }, "configuring", "readConfiguration"],
    [
      "unless it is not wanted",
      at("connecting", { plan: { ...plan, readsConfiguration: false } }),
      { type: "connected" },
      "acting",
      "processActions",
    ],
    ["then the actions", at("configuring"), { type: "configured" }, "acting", "processActions"],
    ["unless the event has none", at("configuring", { plan: sync }), { type: "configured" }, "reporting", "sendLog"],
    ["actions cannot be canceled", at("acting"), { type: "canceled" }, "acting"],
    ["a failure still delivers the log", at("acting"), { type: "failed" }, "reporting", "sendLog"],
    ["so does a service that cannot be reached", at("connecting"), { type: "failed" }, "reporting", "sendLog"],
    ["a reboot waits for the log", at("acting"), { type: "acted", power: "reboot" }, "reporting", "sendLog"],
    [
      "a log that cannot be sent does not stop the event",
      at("reporting", { power: "reboot" }),
      { type: "failed" },
      "closing",
      "close",
    ],
    [
      "the connection is closed before a reboot",
      at("closing", { power: "reboot" }),
      { type: "closed" },
      "ending",
      "reboot",
      "end",
    ],
    [
      "people are warned if that is configured",
      at("closing", { power: "reboot", plan: { ...plan, warningSeconds: 60 } }),
      { type: "closed" },
      "warning",
      "warn",
    ],
    [
      "nobody is warned of nothing",
      at("closing", { plan: { ...plan, warningSeconds: 60 } }),
      { type: "closed" },
      "ending",
      "end",
    ],
    [
      "after the warning the machine restarts",
      at("warning", { power: "reboot" }),
      { type: "warned", execute: true },
      "ending",
      "reboot",
      "end",
    ],
    ["or not", at("warning", { power: "reboot" }), { type: "warned", execute: false }, "ending", "end"],
    [
      "a canceled event restarts nothing",
      at("closing", { canceled: true, power: "reboot" }),
      { type: "closed" },
      "ending",
      "end",
    ],
    ["the end is idle", at("ending"), { type: "ended" }, "idle"],
    [
      "after a canceled event the next one starts",
      at("ending", { canceled: true, next: plan }),
      { type: "ended" },
      "connecting",
      "connect",
    ],
    ["a second event is refused while actions run", at("acting"), fired(), "acting", "refuse"],
    ["a timer does not cancel anything", at("connecting"), fired({ canCancel: false }), "connecting", "refuse"],
    ["a person's event ends a cancelable one", at("connecting"), fired(), "connecting", "cancel"],
    ["a third one is refused", at("connecting", { canceled: true, next: plan }), fired(), "connecting", "refuse"],
    ["a canceled event reports", at("connecting", { canceled: true }), { type: "canceled" }, "reporting", "sendLog"],
    [
      "the warning after actions cannot be canceled",
      at("warning", { power: "reboot" }),
      { type: "canceled" },
      "warning",
    ],
    [
      "products are cached after the configuration",
      at("configuring", { plan: caching }),
      { type: "configured" },
      "caching",
      "cacheProducts",
    ],
    [
      "and after actions",
      at("acting", { plan: { ...plan, cachesProducts: true } }),
      { type: "acted", power: "none" },
      "caching",
      "cacheProducts",
    ],
    ["then comes the log", at("caching", { plan: caching }), { type: "cached" }, "reporting", "sendLog"],
    ["a person's event ends the caching", at("caching", { plan: caching }), fired(), "caching", "cancel"],
    [
      "unless actions have run",
      at("caching", { plan: { ...plan, cachesProducts: true } }),
      fired(),
      "caching",
      "refuse",
    ],
    [
      "so does one whose effect had just succeeded",
      at("configuring", { canceled: true, next: plan }),
      { type: "configured" },
      "reporting",
      "sendLog",
    ],
    [
      "a canceled warning ends the event",
      at("warning", { power: "reboot", plan: sync }),
      { type: "canceled" },
      "ending",
      "end",
    ],
    ["a late answer of a canceled effect is ignored", at("reporting"), { type: "connected" }, "reporting"],
  ])("%s", (_what, from, input, phase, ...effects) => {
    const [state, ...wanted] = step(from, input);
    expect(state.phase).toBe(phase);
    expect(wanted).toEqual(effects);
  });
});

test("a shutdown of the event gives way to a reboot that a product needs", () => {
  const [state] = step(at("acting", { plan: { ...plan, power: "shutdown" } }), { type: "acted", power: "reboot" });
  expect(state).toMatchObject({ power: "reboot" });
});

const plans = fc.record({
  id: fc.constant("x"),
  canCancel: fc.boolean(),
  insideWorkingWindow: fc.boolean(),
  delaySeconds: fc.constantFrom(0, 1),
  readsConfiguration: fc.boolean(),
  processesActions: fc.boolean(),
  cachesProducts: fc.boolean(),
  power: fc.constantFrom("none", "reboot", "shutdown"),
  warningSeconds: fc.constantFrom(0, 1),
});
const answers: Record<Exclude<Effect, "refuse" | "cancel">, Input["type"] | null> = {
  wait: "waited",
  connect: "connected",
  readConfiguration: "configured",
  processActions: "acted",
  cacheProducts: "cached",
  sendLog: "reported",
  close: "closed",
  warn: "warned",
  reboot: null,
  shutdown: null,
  end: "ended",
};

test("whatever is fired, canceled and fails: it ends idle, one effect at a time, and restarts only after closing", () => {
  const disturbances = fc.array(fc.oneof(fc.record({ fire: plans }), fc.constantFrom("cancel", "fail", "none")), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(plans, disturbances, (first, list) => {
      let [state, ...effects] = step(idle, { type: "fired", plan: first });
      let closed = false;
      let canceling = false;
      for (let round = 0; round < 300; round++) {
        const running = effects.filter(
          (effect) => effect !== "refuse" && effect !== "cancel" && answers[effect] !== null,
        );
        expect(running.length).toBeLessThanOrEqual(1);
        if (effects.includes("reboot") || effects.includes("shutdown")) expect(closed).toBe(true);
        const [effect] = running as (keyof typeof answers)[];
        if (effect === undefined) {
          expect(state.phase).toBe("idle");
          return;
        }
        if (effect === "close") closed = true;
        if (effect === "connect" || effect === "wait") closed = false;
        const disturbance = list.shift() ?? "none";
        if (typeof disturbance === "object") {
          const [next, ...more] = step(state, { type: "fired", plan: disturbance.fire });
          expect(more).toHaveLength(1);
          if (more[0] === "cancel") canceling = true;
          state = next;
        }
        let input: Input;
        if ((canceling || disturbance === "cancel") && isCancelable(state)) input = { type: "canceled" };
        else if (disturbance === "fail" && effect !== "end") input = { type: "failed" };
        else if (effect === "processActions") input = { type: "acted", power: "reboot" };
        else if (effect === "warn") input = { type: "warned", execute: true };
        else input = { type: answers[effect] } as Input;
        canceling = false;
        [state, ...effects] = step(state, input);
      }
      expect.unreachable("does not end");
    }),
    { numRuns: 300 },
  );
});
