import type { Log } from "@opsi-ts/logging";
import type { AgentConfiguration } from "./agent-configuration.ts";
import { setWanMode } from "./wan-mode.ts";

/** The part of a service connection that is needed here. */
export interface Caller {
  call<T>(method: string, params?: readonly unknown[] | Readonly<Record<string, unknown>>): Promise<T>;
}

/** Config ids that stand for options of ours. (agent §2.4) */
const named: ReadonlyMap<string, string> = new Map([
  ["clientconfig.configserver.url", "config_service.url"],
  ["clientconfig.depot.drive", "depot_server.drive"],
  ["clientconfig.depot.id", "depot_server.depot_id"],
  ["clientconfig.depot.user", "depot_server.username"],
  ["clientconfig.suspend_bitlocker_on_reboot", "global.suspend_bitlocker_on_reboot"],
]);
const asked = [...named.keys(), "clientconfig.wan_vpn", "opsiclientd.*"];

/** Takes over what the service configures for this client and writes it to the file. (agent §2.5) */
export async function readFromService(configuration: AgentConfiguration, service: Caller, log: Log): Promise<void> {
  const hostId = configuration.text("global.host_id");
  const values = await readConfigValues(service, hostId, asked);
  const wan = [values["clientconfig.wan_vpn"]].flat()[0];
  for (const [configId, given] of Object.entries(values)) {
    if (!Array.isArray(given) || given.length === 0) continue;
    // `true` comes after everything else, so that nothing overrides it.
    if (configId === "clientconfig.wan_vpn" && wan === false) setWanMode(configuration, false);
    const [section, option] = target(configId);
    if (section === undefined || option === undefined) continue;
    // The drive of Windows clients is sent to all.
    if (
      option === "drive" &&
      configuration.platform.system !== "windows" &&
      /^([a-z]:|dynamic)$/i.test(String(given[0]))
    )
      continue;
    configuration.set(section, option, option === "url" || given.length > 1 ? given : given[0]);
  }
  if (wan === true) setWanMode(configuration, true);
  log.info({ values: Object.keys(values).length }, "configuration read from service");
  await configuration.writeFile(true);
}

/** Effective values of this client, by config id. (agent §2.5) */
export async function readConfigValues(
  service: Caller,
  hostId: string,
  configIds: readonly string[],
): Promise<Record<string, unknown>> {
  const result = await service.call<Record<string, Record<string, unknown>>>("configState_getValues", [
    configIds,
    [hostId],
    true,
  ]);
  return result[hostId] ?? {};
}

function target(configId: string): string[] {
  const path = named.get(configId);
  if (path !== undefined) return path.split(".");
  const [first, section, option] = configId.toLowerCase().split(".");
  return first === "opsiclientd" && section !== undefined && option !== undefined ? [section, option] : [];
}
