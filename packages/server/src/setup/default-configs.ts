import { BoolConfig, familyOf, fromHash, type OpsiObject, UnicodeConfig } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";

/** What the defaults depend on. */
export interface SiteFacts {
  readonly hostId: string;
  readonly depotIds: readonly string[];
  readonly externalUrl: string;
  readonly depotUser: string;
}

interface UnicodeDefault {
  readonly description: string;
  readonly possible: readonly string[];
  readonly initial: readonly string[];
  readonly editable?: false;
  readonly multi?: true;
}

interface BoolDefault {
  readonly description: string;
  readonly bool: boolean;
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const limitedModules = [
  ..."directory-connector license_management linux_agent local_imaging macos_agent monitoring".split(" "),
  ..."scalability1 secureboot userroles vpn wim-capture".split(" "),
];

/** The configs that every site has, with their values in a new one. (service 8.4) */
function defaults({
  hostId,
  depotIds,
  externalUrl,
  depotUser,
}: SiteFacts): Record<string, UnicodeDefault | BoolDefault> {
  return {
    "clientconfig.configserver.url": {
      description: "URL(s) of opsi config service(s) to use",
      possible: [externalUrl],
      initial: [externalUrl],
      multi: true,
    },
    "clientconfig.depot.id": {
      description: "ID of the opsi depot to use",
      possible: depotIds,
      initial: [hostId],
      editable: false,
    },
    "clientconfig.depot.dynamic": { description: "Use dynamic depot selection", bool: false },
    "clientconfig.depot.selection_mode": {
      description: "Depot selection mode.",
      possible: ["master_and_latency", "latency", "network_address", "random"],
      initial: ["network_address"],
      editable: false,
    },
    "clientconfig.depot.drive": {
      description: "Drive letter for depot share",
      possible: [...[...letters].map((letter) => `${letter}:`), "dynamic"],
      initial: ["p:"],
      editable: false,
    },
    "clientconfig.depot.protocol": {
      description: "Protocol to use when mounting an depot share on the client",
      possible: ["cifs", "webdav"],
      initial: ["cifs"],
      editable: false,
    },
    "clientconfig.depot.protocol.netboot": {
      description: "Protocol to use when mounting an depot share in netboot environment",
      possible: ["cifs", "webdav"],
      initial: ["cifs"],
      editable: false,
    },
    "clientconfig.depot.user": { description: "User for depot share", possible: [], initial: [depotUser] },
    "clientconfig.windows.domain": { description: "Windows domain", possible: [], initial: [] },
    "opsiclientd.global.verify_server_cert": { description: "Verify opsi server TLS certificates", bool: true },
    "opsiclientd.global.install_opsi_ca_into_os_store": {
      description: "Automatically install opsi CA into operating systems certificate store",
      bool: true,
    },
    "opsiclientd.event_timer.active": { description: "Activate opsiclientd timer event", bool: false },
    "opsiclientd.event_gui_startup.active": { description: "Run gui_startup event at system start", bool: true },
    "opsiclientd.event_gui_startup{user_logged_in}.active": {
      description: "Run gui_startup event at opsiclientd start if a user is logged in",
      bool: true,
    },
    "opsiclientd.config_service.permanent_connection": {
      description: "Client should keep a permanent connection to the opsi messagebus",
      bool: true,
    },
    "opsiclientd.global.max_log_transfer_size": {
      description: "Maximum size of opsiclientd log to transfer to the server in MB",
      possible: ["0.25", "0.5", "1", "2", "3", "4", "5"],
      initial: ["1"],
    },
    "opsi-linux-bootimage.append": {
      description: "Extra options to append to kernel command line",
      possible: [
        ..."acpi=off irqpoll noapic pci=nomsi vga=normal reboot=b mem=2G nomodeset".split(" "),
        ..."ramdisk_size=2097152 dhclienttimeout=N".split(" "),
      ],
      initial: [""],
      multi: true,
    },
    "license-management.use": { description: "Activate license management", bool: false },
    "software-on-demand.active": { description: "Activate software-on-demand", bool: false },
    "software-on-demand.product-group-ids": {
      description: "Product group ids containing products which are allowed to be installed on demand",
      possible: ["software-on-demand"],
      initial: ["software-on-demand"],
      multi: true,
    },
    "licensing.disable_warning_for_modules": {
      description: "Disable licensing warnings for these modules.",
      possible: limitedModules,
      initial: [],
      editable: false,
      multi: true,
    },
    "licensing.client_limit_warning_percent": {
      description: "Warn when this license utilization is reached.",
      possible: ["95"],
      initial: ["95"],
    },
    "licensing.client_limit_warning_absolute": {
      description: "Warn when the number of available licenses reaches this value.",
      possible: ["5"],
      initial: ["5"],
    },
    "licensing.client_limit_warning_days": {
      description: "Number of days from which warning is given before the licensing reaches a problematic state.",
      possible: ["30"],
      initial: ["30"],
    },
    "opsiconfd.transfer.slots_opsiclientd_product_sync": {
      description: "Maximum number of simultaneous product synchronizations",
      possible: ["10", "25", "50", "75", "100", "150", "200", "250", "300", "400", "500", "750", "1000"],
      initial: ["100"],
    },
    "opsi.check.enabled": { description: "Enable check", bool: true },
    "opsi.check.downtime.start": {
      description: "Check downtime start",
      possible: ["2024-01-01 00:00:00"],
      initial: [""],
    },
    "opsi.check.downtime.end": {
      description: "Check downtime end",
      possible: ["2024-01-01 00:00:00"],
      initial: [""],
    },
  };
}

function toConfig(id: string, config: UnicodeDefault | BoolDefault): OpsiObject {
  const { description } = config;
  if ("bool" in config) return fromHash(BoolConfig, { id, description, defaultValues: [config.bool] });
  const { possible, initial, editable = true, multi = false } = config;
  const possibleValues = [...new Set([...possible, ...initial])];
  return fromHash(UnicodeConfig, {
    id,
    description,
    possibleValues,
    defaultValues: initial,
    editable,
    multiValue: multi,
  });
}

/** Creates the configs that are missing. Only the list of depots is brought up to date where it exists. */
export async function createDefaultConfigs(storage: Storage, facts: SiteFacts): Promise<void> {
  const configs = familyOf("config");
  const known = new Set((await storage.readIdents(configs)).map(({ id }) => id));
  const wanted = Object.entries(defaults(facts)).map(([id, config]) => toConfig(id, config));
  const missing = wanted.filter(({ id }) => !known.has(id) || id === "clientconfig.depot.id");
  if (missing.length > 0) await storage.write(configs, missing, "insert");
}
