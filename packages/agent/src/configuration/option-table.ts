import { join } from "node:path";
import type { Platform } from "../platform/platform.ts";

export type OptionValue = string | number | boolean | readonly string[];

/**
 * The options that the agent knows, with their built-in values; the type of the value is the type of the option. Other
 * names are refused, except in sections `event_*` and `precondition_*`. (agent §2.3)
 */
export function optionTable(platform: Platform, root: string): Record<string, Record<string, OptionValue>> {
  const folders = platform.folders(root);
  const prefix = platform.optionPrefix;
  return {
    global: {
      base_dir: folders.programFolder,
      config_file: folders.configurationFile,
      log_dir: folders.logFolder,
      log_file: join(folders.logFolder, "opsiclientd.log"),
      log_level: 5,
      keep_rotated_logs: 10,
      max_log_size: 5.0,
      max_log_transfer_size: 5.0,
      tmp_dir: folders.temporaryFolder,
      tmp_dir_cleanup: false,
      state_file: join(folders.stateFolder, "state.json"),
      timeline_db: join(folders.stateFolder, "timeline.sqlite"),
      server_cert_dir: folders.certificateFolder,
      host_id: "",
      opsi_host_key: "",
      verify_server_cert: false,
      verify_server_cert_by_ca: false,
      trust_uib_opsi_ca: true,
      replace_expired_ca: true,
      install_opsi_ca_into_os_store: false,
      proxy_url: "system",
      ip_version: "auto",
      wait_for_gui_timeout: 120,
      block_login_notifier: "",
      suspend_bitlocker_on_reboot: false,
      post_trusted_installer_delay: 15,
      message_of_the_day_enabled: false,
    },
    config_service: {
      url: [],
      compression: true,
      connection_timeout: 30,
      user_cancelable_after: 0,
      sync_time_from_service: false,
      permanent_connection: false,
      reconnect_wait_min: 5,
      reconnect_wait_max: 120,
    },
    depot_server: {
      master_depot_id: "",
      depot_id: "",
      url: "",
      drive: platform.system === "linux" ? "/media/opsi_depot" : "",
      username: "pcpatch",
    },
    cache_service: {
      storage_dir: folders.cacheFolder,
      product_cache_max_size: 20_000_000_000,
      extension_config_dir: join(folders.programFolder, "opsiclientd/extend.d"),
      include_product_group_ids: [],
      exclude_product_group_ids: [],
      sync_products_with_actions_only: true,
    },
    control_server: {
      interface: ["0.0.0.0", "::"],
      port: 4441,
      ssl_server_key_file: folders.controlCertificateFile,
      ssl_server_cert_file: folders.controlCertificateFile,
      static_dir: "",
      files_dir: "",
      max_authentication_failures: 5,
      kiosk_api_active: true,
      process_actions_event: "auto",
      skip_setup_firewall: false,
      start_delay: 0,
    },
    notification_server: { interface: ["127.0.0.1", "::1"], start_port: 44_000, popup_port: 45_000, start_delay: 0 },
    opsiclientd_rpc: { command: "" },
    opsiclientd_notifier: { command: "", alt_command: "", alt_ids: [], product_info: "{id}" },
    action_processor: {
      local_dir: folders.processorFolder,
      remote_dir: "",
      remote_common_dir: "",
      filename: folders.processorFile,
      command: [
        `"%action_processor.local_dir%/%action_processor.filename%" ${prefix}opsiservice %service_url% ${prefix}depotpath "%depot_path%"`,
        `${prefix}clientid %global.host_id% ${prefix}username %global.host_id% ${prefix}password %global.opsi_host_key%`,
      ].join(" "),
      run_as_user: "SYSTEM",
      create_user: true,
      delete_user: true,
      create_environment: false,
    },
  };
}
