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
    "event_opsiclientd_start{cache_ready}": { use_cached_config: true, use_cached_products: true, active: !windows },
    event_gui_startup: {
      super: "default",
      type: "gui startup",
      block_login: true,
      max_repetitions: 0,
      active: windows,
    },
    "event_gui_startup{user_logged_in}": { shutdown_warning_time: 3600, block_login: false, active: windows },
    "event_gui_startup{cache_ready}": {
      use_cached_config: true,
      use_cached_products: true,
      action_user_cancelable: 3,
      action_warning_time: 60,
      active: windows,
    },
    "event_gui_startup{installation_pending}": { active: windows },
    event_on_demand: { super: "default", type: "custom" },
    "event_on_demand{user_logged_in}": { shutdown_warning_time: 3600 },
    event_software_on_demand: { super: "default", type: "sw on demand", shutdown_warning_time: 3600 },
    event_sync: {
      super: "default",
      type: "template",
      process_actions: false,
      event_notifier_command: "",
      sync_config_to_server: true,
      sync_config_from_server: true,
      cache_products: true,
      cache_dynamic_bandwidth: true,
    },
    event_timer: { super: "sync", type: "timer", active: false, start_interval: 60, interval: 3600 },
    event_net_connection: { super: "sync", type: "custom", active: false },
    event_sync_completed: {
      super: "default",
      type: "sync completed",
      event_notifier_command: "",
      process_actions: false,
      get_config_from_service: false,
      write_log_to_service: false,
    },
    "event_sync_completed{cache_ready_user_logged_in}": {
      reboot: true,
      shutdown_user_cancelable: 10,
      shutdown_warning_time: 3600,
    },
    "event_sync_completed{cache_ready}": { reboot: true },
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
    precondition_cache_ready: { config_cached: true, products_cached: true },
    precondition_cache_ready_user_logged_in: { user_logged_in: true, config_cached: true, products_cached: true },
    precondition_installation_pending: { installation_pending: true },
  };
}
