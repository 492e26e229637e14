import type { AgentConfiguration } from "./agent-configuration.ts";

/**
 * `clientconfig.wan_vpn`: products are fetched in the background and installed at the next start. (agent §8.2)
 */
export function setWanMode(configuration: AgentConfiguration, wan: boolean): void {
  const windows = configuration.platform.system === "windows";
  const start = windows ? "event_gui_startup" : "event_opsiclientd_start";
  const other = windows ? "event_opsiclientd_start" : "event_gui_startup";
  const set = (section: string, option: string, value: boolean) => void configuration.set(section, option, value);
  set("event_net_connection", "active", false);
  set("event_timer", "active", wan);
  set(start, "active", !wan);
  set(other, "active", false);
  set(`${start}{cache_ready}`, "active", true);
  if (!wan) set(`${other}{cache_ready}`, "active", false);
  set(`${start}{cache_ready}`, "use_cached_config", !wan);
  set(`${start}{cache_ready}`, "use_cached_products", true);
  set("event_sync", "sync_config_to_server", !wan);
  set("event_sync", "sync_config_from_server", !wan);
  set("event_sync", "cache_products", true);
  for (const precondition of ["precondition_cache_ready", "precondition_cache_ready_user_logged_in"]) {
    set(precondition, "config_cached", !wan);
    set(precondition, "products_cached", true);
  }
}
