import type { Platform } from "../platform/platform.ts";
import type { OptionValue } from "./option-table.ts";

/** Events and preconditions as they are shipped; file and service change them. (agent §3.7) */
export function shippedEvents({ system, optionPrefix }: Platform): Record<string, Record<string, OptionValue>> {
  const windows = system === "windows";
  return {
    event_default: {
      type: "template",
      action_processor_command: "%action_processor.command%",
      event_notifier_desktop: "winlogon",
      action_notifier_desktop: "all",
      shutdown_notifier_desktop: "all",
      action_processor_desktop: "winlogon",
      action_type: "default",
    },
    event_opsiclientd_start: {
      super: "default",
      type: "daemon startup",
      activation_delay: 10,
      max_repetitions: 0,
      active: !windows,
    },
    event_gui_startup: {
      super: "default",
      type: "gui startup",
      block_login: true,
      max_repetitions: 0,
      active: windows,
    },
    "event_gui_startup{user_logged_in}": { shutdown_warning_time: 3600, block_login: false, active: windows },
    "event_gui_startup{installation_pending}": { active: windows },
    event_on_demand: { super: "default", type: "custom" },
    "event_on_demand{user_logged_in}": { shutdown_warning_time: 3600 },
    event_software_on_demand: { super: "default", type: "sw on demand", shutdown_warning_time: 3600 },
    event_timer: { super: "default", type: "timer", active: false, start_interval: 60, interval: 3600 },
    event_silent_install: {
      super: "default",
      type: "custom",
      event_notifier_command: "",
      process_shutdown_requests: false,
      action_processor_productids: "swaudit,hwaudit",
      action_processor_command: `%action_processor.command% ${optionPrefix}productlist %action_processor_productids% ${optionPrefix}silent`,
      action_processor_timeout: 300,
    },
    event_timer_silentinstall: { super: "silent_install", type: "timer", active: false, interval: 21_600 },
    precondition_user_logged_in: { user_logged_in: true },
    precondition_installation_pending: { installation_pending: true },
  };
}
