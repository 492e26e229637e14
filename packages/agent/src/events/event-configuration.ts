import type { Log } from "@opsi-ts/logging";
import type { AgentConfiguration } from "../configuration/agent-configuration.ts";
import type { OptionValue } from "../configuration/option-table.ts";

/** Options of an event with their default; the type of the value is the type of the option. (agent §3.4) */
const eventOptions = {
  type: "template",
  name: "",
  wql: "",
  start_interval: 0,
  interval: 0,
  max_repetitions: -1,
  activation_delay: 0,
  notification_delay: 0,
  event_notifier_command: "",
  event_notifier_desktop: "current",
  block_login: false,
  lock_workstation: false,
  logoff_current_user: false,
  get_config_from_service: true,
  update_config_file: true,
  write_log_to_service: true,
  shutdown: false,
  reboot: false,
  depot_protocol: "",
  exclude_product_group_ids: [] as readonly string[],
  include_product_group_ids: [] as readonly string[],
  working_window: "",
  post_event_command: "",
  sync_config_to_server: false,
  sync_config_from_server: false,
  use_cached_config: false,
  cache_products: false,
  cache_max_bandwidth: 0,
  cache_dynamic_bandwidth: true,
  use_cached_products: false,
  action_warning_time: 0,
  action_notifier_command: "",
  action_notifier_desktop: "current",
  action_message: "",
  action_user_cancelable: 0,
  process_actions: true,
  action_type: "",
  update_action_processor: true,
  pre_action_processor_command: "",
  post_action_processor_command: "",
  action_processor_command: "",
  action_processor_desktop: "current",
  action_processor_timeout: 10_800,
  action_processor_productids: [] as readonly string[],
  trusted_installer_detection: true,
  process_shutdown_requests: true,
  shutdown_warning_time: 0,
  shutdown_notifier_command: "",
  shutdown_notifier_desktop: "current",
  shutdown_warning_message: "",
  shutdown_user_cancelable: 0,
  shutdown_warning_repetition_time: 3600,
  shutdown_user_selectable_time: false,
  shutdown_latest_selectable_hour: -1,
  shutdown_warning_time_after_time_select: -1,
} as const satisfies Record<string, OptionValue>;

type Widened<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : readonly string[];
export type EventOptions = { -readonly [K in keyof typeof eventOptions]: Widened<(typeof eventOptions)[K]> };

export interface EventConfiguration {
  /** Section name without `event_`, e.g. `gui_startup{user_logged_in}`. */
  readonly id: string;
  /** The part before `{`. */
  readonly mainId: string;
  readonly active: boolean;
  readonly options: EventOptions;
  /** Names of states that must be true. */
  readonly preconditions: readonly string[];
}

/** Types that can occur; others exist on Windows or through the WAN cache only. (agent §3.3) */
const knownTypes: ReadonlySet<string> = new Set([
  "daemon startup",
  "daemon shutdown",
  "gui startup",
  "timer",
  "custom",
  "sw on demand",
  "sync completed",
  "process action requests",
]);

/**
 * All events that can occur, main ones and variants, with what they inherit. Ordered by id within the rounds in which
 * inheritance is resolved, which decides ties between variants. (agent §3.1)
 */
export function readEvents(configuration: AgentConfiguration, log: Log): EventConfiguration[] {
  const sections = configuration.named("event");
  const preconditions = configuration.named("precondition");
  const resolved = resolveInheritance(sections, log);
  const events: EventConfiguration[] = [];
  for (const [id, values] of resolved) {
    const [, mainId = id, precondition] = /^([^{]*)(?:\{(.*)\})?$/.exec(id) ?? [];
    const states = precondition === undefined ? [] : trueKeys(preconditions.get(precondition));
    const options = toOptions(values, mainId, configuration, log);
    if (options.type === "template") continue;
    if (!knownTypes.has(options.type)) {
      if (isActive(sections.get(id))) log.warning({ event: id, type: options.type }, "event type does not occur here");
      continue;
    }
    const known = precondition === undefined || states.length > 0;
    if (!known) log.error({ event: id, precondition }, "unknown precondition, event is switched off");
    events.push({ id, mainId, active: known && isActive(sections.get(id)), options, preconditions: states });
  }
  return events;
}

/** The variant with the most preconditions, all of which are true; null if none qualifies. (agent §3.2) */
export function selectVariant(
  variants: readonly EventConfiguration[],
  isTrue: (state: string) => boolean,
): EventConfiguration | null {
  let best: EventConfiguration | null = null;
  for (const variant of variants) {
    if (!variant.preconditions.every(isTrue)) continue;
    if (best === null || variant.preconditions.length > best.preconditions.length) best = variant;
  }
  return best;
}

type Section = ReadonlyMap<string, OptionValue>;

function resolveInheritance(sections: ReadonlyMap<string, Section>, log: Log): Map<string, Section> {
  const resolved = new Map<string, Section>();
  let waiting = [...sections.keys()].sort();
  while (waiting.length > 0) {
    const left: string[] = [];
    for (const id of waiting) {
      const own = sections.get(id) ?? new Map<string, OptionValue>();
      const parent = superOf(id, own);
      if (parent === null) resolved.set(id, own);
      else if (!sections.has(parent)) log.error({ event: id, super: parent }, "event inherits from an unknown one");
      else if (resolved.has(parent)) resolved.set(id, inherit(resolved.get(parent) ?? own, own));
      else left.push(id);
    }
    if (left.length === waiting.length) {
      for (const id of left) log.error({ event: id }, "event inherits from one that is dropped or from itself");
      break;
    }
    waiting = left;
  }
  return resolved;
}

function superOf(id: string, own: Section): string | null {
  const given = own.get("super");
  if (typeof given === "string" && given !== "") return given.toLowerCase().replace(/^event_/, "");
  const main = id.replace(/\{.*\}$/, "");
  return main === id ? null : main;
}

function inherit(parent: Section, own: Section): Section {
  const merged = new Map(
    [...parent].filter(([option]) => option !== "active" && option !== "name" && option !== "super"),
  );
  for (const [option, value] of own) {
    const empty = value === "" || (Array.isArray(value) && value.length === 0);
    if (empty && /^(include|exclude)_product_group_ids$/.test(option) && merged.has(option)) continue;
    merged.set(option, value);
  }
  return merged;
}

function toOptions(values: Section, mainId: string, configuration: AgentConfiguration, log: Log): EventOptions {
  const options: Record<string, OptionValue> = { ...eventOptions, name: mainId };
  for (const [given, value] of values) {
    const option = given.replace(/\[.*\]$/, "") === "message" ? given.replace("message", "action_message") : given;
    if (
      option === "active" ||
      option === "super" ||
      /^(name|action_message|shutdown_warning_message)\[\w+\]$/.test(option)
    )
      continue;
    const initial = Object.hasOwn(eventOptions, option) ? eventOptions[option as keyof typeof eventOptions] : undefined;
    if (initial === undefined) {
      log.error({ option }, "unknown option of an event is dropped");
      configuration.forgetEventOption(given);
    } else options[option] = coerce(value, initial);
  }
  if (
    options["type"] === "daemon startup" ||
    options["type"] === "gui startup" ||
    options["type"] === "daemon shutdown"
  ) {
    options["max_repetitions"] = 0;
  }
  return options as EventOptions; // every key was set from the table, with the type of its default
}

function coerce(value: OptionValue, initial: OptionValue): OptionValue {
  if (typeof initial === "number") return Math.trunc(Number(value)) || 0;
  if (typeof initial === "boolean") return isTrueText(value);
  if (Array.isArray(initial)) {
    const parts = Array.isArray(value) ? (value as readonly string[]) : String(value).split(",");
    return parts.map((part) => part.trim()).filter((part) => part !== "");
  }
  return Array.isArray(value) ? value.join(",") : String(value);
}

const isTrueText = (value: OptionValue) => !["", "0", "false", "off", "no"].includes(String(value).toLowerCase());

const isActive = (section: Section | undefined) => isTrueText(section?.get("active") ?? true);

function trueKeys(section: Section | undefined): string[] {
  return [...(section ?? [])].filter(([, value]) => isTrueText(value)).map(([key]) => key);
}
