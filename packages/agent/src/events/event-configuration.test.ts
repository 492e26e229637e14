import { silentLog } from "@opsi-ts/logging";
import { expect, test } from "vitest";
import { AgentConfiguration } from "../configuration/agent-configuration.ts";
import { linux } from "../platform/linux.ts";
import { readEvents, selectVariant } from "./event-configuration.ts";
import { isInsideWindow } from "./working-window.ts";

function events(sections: Record<string, Record<string, unknown>> = {}) {
  const configuration = new AgentConfiguration(linux, "/nowhere", silentLog);
  for (const [section, options] of Object.entries(sections)) {
    for (const [option, value] of Object.entries(options)) configuration.set(section, option, value);
  }
  return { configuration, byId: new Map(readEvents(configuration, silentLog).map((event) => [event.id, event])) };
}

test("what is shipped: the start of the agent is the start event on Linux, the timer is off", () => {
  const { byId } = events();
  const active = [...byId.values()].filter((event) => event.active).map(({ id }) => id);
  expect(active.sort()).toEqual([
    "on_demand",
    "on_demand{user_logged_in}",
    "opsiclientd_start",
    "opsiclientd_start{cache_ready}",
    "silent_install",
    "software_on_demand",
    "sync_completed",
    "sync_completed{cache_ready_user_logged_in}",
    "sync_completed{cache_ready}",
  ]);
  expect(byId.get("opsiclientd_start")?.options).toMatchObject({
    type: "daemon startup",
    max_repetitions: 0,
    process_actions: true,
  });
  expect(byId.get("silent_install")?.options).toMatchObject({
    action_processor_productids: ["swaudit", "hwaudit"],
    action_processor_timeout: 300,
  });
});

test("variants and `super` inherit everything but `active` and the name", () => {
  const { byId } = events({
    event_base: {
      type: "custom",
      interval: "7",
      name: "Base",
      action_processor_timeout: 5,
      include_product_group_ids: "a,b",
    },
    event_child: { super: "event_base", active: "false", interval: 9, include_product_group_ids: "" },
    "event_child{user_logged_in}": { reboot: "true" },
  });
  expect(byId.get("child")).toMatchObject({
    active: false,
    options: {
      type: "custom",
      interval: 9,
      name: "child",
      action_processor_timeout: 5,
      include_product_group_ids: ["a", "b"],
    },
  });
  expect(byId.get("child{user_logged_in}")).toMatchObject({
    active: true,
    mainId: "child",
    options: { reboot: true, interval: 9 },
    preconditions: ["user_logged_in"],
  });
});

test("unknown parents, circles and unknown preconditions drop an event, others stay", () => {
  const { byId } = events({
    event_orphan: { super: "nobody", type: "custom" },
    event_one: { super: "two", type: "custom" },
    event_two: { super: "one", type: "custom" },
    event_good: { type: "custom" },
    "event_good{nobody_knows}": { reboot: true },
  });
  expect(byId.has("orphan") || byId.has("one") || byId.has("two")).toBe(false);
  expect(byId.get("good")?.active).toBe(true);
  expect(byId.get("good{nobody_knows}")?.active).toBe(false);
});

test("an option that no event has is dropped, also from the configuration", () => {
  const { byId, configuration } = events({ event_mine: { type: "custom", post_sync_config_to_server: "true" } });
  expect(byId.get("mine")?.active).toBe(true);
  expect(configuration.value("event_mine.post_sync_config_to_server")).toBeUndefined();
});

test("of the variants whose states are true the one with the most states wins, on a tie the first", () => {
  const { byId } = events({
    precondition_a: { a: true },
    precondition_b: { b: true, unused: false },
    precondition_ab: { a: true, b: true },
    event_e: { type: "custom" },
    "event_e{a}": {},
    "event_e{b}": { active: true },
    "event_e{ab}": { reboot: true },
    "event_e{a}x": {},
  });
  const variants = [...byId.values()].filter(({ mainId }) => mainId === "e");
  const select = (...states: string[]) => selectVariant(variants, (state) => states.includes(state))?.id;
  expect(select()).toBe("e");
  expect(select("b")).toBe("e{b}");
  expect(select("a", "b")).toBe("e{ab}");
  expect(
    selectVariant(
      variants.filter(({ id }) => id !== "e"),
      () => false,
    ),
  ).toBe(null);
});

test.each<[window: string, time: string, inside: boolean]>([
  ["", "12:00", true],
  ["08:00-10:00", "08:00", true],
  ["08:00-10:00", "10:00", true],
  ["08:00-10:00", "10:01", false],
  ["22:00-05:00", "23:59", true],
  ["22:00-05:00", "05:00", true],
  ["22:00-05:00", "12:00", false],
  ["nonsense", "12:00", true],
  ["25:00-26:00", "12:00", true],
])("window %s at %s: %s", (window, time, inside) => {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  expect(isInsideWindow(window, new Date(2026, 0, 5, hours, minutes))).toBe(inside);
});
