import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { linuxProcesses } from "./linux-processes.ts";
import type { Power } from "./power.ts";

/**
 * With a running agent the wish is a flag file in its folder; the agent restarts the machine when it has finished
 * (interpreter §4). An agent that has started us tells its folder in the environment.
 */
function tellAgent(wish: "reboot" | "shutdown"): boolean {
  const given = process.env["OPSICLIENTD_RUN_FOLDER"];
  const folder = given ?? "/var/run/opsiclientd";
  if (!existsSync(folder)) return false;
  const isRunning = given !== undefined || linuxProcesses.list().some(({ line }) => line.includes("opsiclientd"));
  if (!isRunning) return false;
  writeFileSync(`${folder}/${wish}`, "");
  return true;
}

export const linuxPower: Power = {
  requestReboot: () => {
    if (tellAgent("reboot")) return;
    if (spawnSync("shutdown", ["-r", "+1", "opsi-reboot"]).status !== 0) spawnSync("shutdown", ["-r", "now"]);
  },
  requestShutdown: () => {
    if (!tellAgent("shutdown")) spawnSync("shutdown", ["-h", "+1", "opsi-shutdown"]);
  },
  requestLogout: () => {
    const session = process.env["XDG_SESSION_ID"];
    if (session) spawnSync("loginctl", ["terminate-session", session]);
  },
};
