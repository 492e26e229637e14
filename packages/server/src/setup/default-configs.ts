import { BoolConfig, families, fromHash, type OpsiObject, setDefaults, UnicodeConfig } from "@opsi-ts/model";
import type { Storage } from "../backends/storage.ts";

export interface ConfigSurroundings {
  readonly hostId: string;
  readonly externalUrl: string;
  readonly depotUser: string;
}

interface TextConfig {
  readonly id: string;
  readonly description: string;
  readonly possible: readonly string[];
  readonly initial: readonly string[];
  readonly editable?: true;
  readonly multiValue?: true;
}

const drives = [..."abcdefghijklmnopqrstuvwxyz"].map((letter) => `${letter}:`);
const slots = [10, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000].map(String);
const kernelOptions =
  "acpi=off irqpoll noapic pci=nomsi vga=normal reboot=b mem=2G nomodeset ramdisk_size=2097152 dhclienttimeout=N";

/** Text configs of a site, in the order of the spec. (service 8.4) */
const textConfigs = ({ hostId, externalUrl, depotUser }: ConfigSurroundings): TextConfig[] => [
  {
    id: "clientconfig.configserver.url",
    description: "URL(s) of opsi config service(s) to use",
    possible: [externalUrl],
    initial: [externalUrl],
    editable: true,
    multiValue: true,
  },
  { id: "clientconfig.depot.id", description: "ID of the opsi depot to use", possible: [hostId], initial: [hostId] },
  {
    id: "clientconfig.depot.selection_mode",
    description: "Depot selection mode.",
    possible: ["master_and_latency", "latency", "network_address", "random"],
    initial: ["network_address"],
  },
  {
    id: "clientconfig.depot.drive",
    description: "Drive letter for depot share",
    possible: [...drives, "dynamic"],
    initial: ["p:"],
  },
  {
    id: "clientconfig.depot.protocol",
    description: "Protocol to use when mounting an depot share on the client",
    possible: ["cifs", "webdav"],
    initial: ["cifs"],
  },
  {
    id: "clientconfig.depot.protocol.netboot",
    description: "Protocol to use when mounting an depot share in netboot environment",
    possible: ["cifs", "webdav"],
    initial: ["cifs"],
  },
  {
    id: "clientconfig.depot.user",
    description: "User for depot share",
    possible: [],
    initial: [depotUser],
    editable: true,
  },
  { id: "clientconfig.windows.domain", description: "Windows domain", possible: [], initial: [], editable: true },
  {
    id: "opsiclientd.global.max_log_transfer_size",
    description: "Maximum size of opsiclientd log to transfer to the server in MB",
    possible: ["0.25", "0.5", "1", "2", "3", "4", "5"],
    initial: ["1"],
    editable: true,
  },
  {
    id: "opsi-linux-bootimage.append",
    description: "Extra options to append to kernel command line",
    possible: kernelOptions.split(" "),
    initial: [""],
    editable: true,
    multiValue: true,
  },
  {
    id: "software-on-demand.product-group-ids",
    description: "Product group ids containing products which are allowed to be installed on demand",
    possible: ["software-on-demand"],
    initial: ["software-on-demand"],
    editable: true,
    multiValue: true,
  },
  {
    id: "licensing.disable_warning_for_modules",
    description: "Disable licensing warnings for these modules.",
    possible: licensedModules,
    initial: [],
    multiValue: true,
  },
  {
    id: "licensing.client_limit_warning_percent",
    description: "Warn when this license utilization is reached.",
    possible: ["95"],
    initial: ["95"],
    editable: true,
  },
  {
    id: "licensing.client_limit_warning_absolute",
    description: "Warn when the number of available licenses reaches this value.",
    possible: ["5"],
    initial: ["5"],
    editable: true,
  },
  {
    id: "licensing.client_limit_warning_days",
    description: "Number of days from which warning is given before the licensing reaches a problematic state.",
    possible: ["30"],
    initial: ["30"],
    editable: true,
  },
  {
    id: "opsiconfd.transfer.slots_opsiclientd_product_sync",
    description: "Maximum number of simultaneous product synchronizations",
    possible: slots,
    initial: ["100"],
    editable: true,
  },
  ...["start", "end"].map((edge) => ({
    id: `opsi.check.downtime.${edge}`,
    description: `Check downtime ${edge}`,
    possible: ["2024-01-01 00:00:00"],
    initial: [""],
    editable: true as const,
  })),
];

/** Modules that are neither free nor obsolete. (service 8.11) */
const licensedModules = [
  ...["directory-connector", "license_management", "linux_agent", "local_imaging", "macos_agent", "monitoring"],
  ...["scalability1", "secureboot", "userroles", "vpn", "wim-capture"],
];

/** Yes/no configs: id, default, description. */
const booleanConfigs: readonly (readonly [id: string, initial: boolean, description: string])[] = [
  ["clientconfig.depot.dynamic", false, "Use dynamic depot selection"],
  ["opsiclientd.global.verify_server_cert", true, "Verify opsi server TLS certificates"],
  [
    "opsiclientd.global.install_opsi_ca_into_os_store",
    true,
    "Automatically install opsi CA into operating systems certificate store",
  ],
  ["opsiclientd.event_timer.active", false, "Activate opsiclientd timer event"],
  ["opsiclientd.event_gui_startup.active", true, "Run gui_startup event at system start"],
  [
    "opsiclientd.event_gui_startup{user_logged_in}.active",
    true,
    "Run gui_startup event at opsiclientd start if a user is logged in",
  ],
  [
    "opsiclientd.config_service.permanent_connection",
    true,
    "Client should keep a permanent connection to the opsi messagebus",
  ],
  ["license-management.use", false, "Activate license management"],
  ["software-on-demand.active", false, "Activate software-on-demand"],
  ["opsi.check.enabled", true, "Enable check"],
];

/** Every config that a new site has. */
export function defaultConfigs(surroundings: ConfigSurroundings): OpsiObject[] {
  const texts = textConfigs(surroundings).map(({ id, description, possible, initial, editable, multiValue }) => {
    const values = { possibleValues: possible, defaultValues: initial };
    const flags = { editable: editable === true, multiValue: multiValue === true };
    return fromHash(UnicodeConfig, { id, description, ...values, ...flags });
  });
  const booleans = booleanConfigs.map(([id, initial, description]) => {
    return fromHash(BoolConfig, { id, description, defaultValues: [initial] });
  });
  return [...texts, ...booleans].map(setDefaults);
}

/** Creates the configs that are missing; what an administrator changed stays. (service 8.4) */
export async function ensureDefaultConfigs(storage: Storage, surroundings: ConfigSurroundings): Promise<void> {
  const configs = families.find(({ prefix }) => prefix === "config");
  if (configs === undefined) throw new Error("There are no configs in the model");
  const known = new Set((await storage.readIdents(configs)).map(({ id }) => id));
  const missing = defaultConfigs(surroundings).filter((config) => !known.has(config["id"]));
  if (missing.length > 0) await storage.write(configs, missing, "insert");
}
